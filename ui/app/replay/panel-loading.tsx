import { Skeleton } from "@mantine/core";
import styles from "./panel-loading.module.css";

const ROWS = [82, 64, 91, 73, 58, 87];

/** A panel whose lines are on their way. */
export function PanelLoading() {
  return (
    <div className={styles.loading} role="status">
      <span className="rr-hidden">Loading</span>
      {ROWS.map((width) => (
        <Skeleton key={width} height={10} width={`${width}%`} radius="xl" />
      ))}
    </div>
  );
}
