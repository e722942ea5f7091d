import { Skeleton } from "@mantine/core";
import styles from "./skeleton-rows.module.css";

const WIDTHS = [62, 48, 71, 55, 66, 40, 58, 74, 51, 63];

/** Rows of the right height while the list is asked for: nothing jumps when it comes. */
export function SkeletonRows({ of }: { of: string }) {
  return (
    <div className={styles.rows} role="status">
      <span className="rr-hidden">Loading {of}</span>
      {WIDTHS.map((width) => (
        <div key={width} className={styles.row}>
          <Skeleton height={10} width="9rem" radius="xl" />
          <Skeleton height={10} width={`${width}%`} radius="xl" />
          <Skeleton height={10} width="5rem" radius="xl" />
        </div>
      ))}
    </div>
  );
}
