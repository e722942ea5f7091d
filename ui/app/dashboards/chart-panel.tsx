import { useMounted } from "@mantine/hooks";
import { type ReactNode, Suspense } from "react";
import { wholeNumber } from "../format/duration.ts";
import styles from "./panel.module.css";

interface ChartPanelProps {
  title: string;
  total: number;
  /** What each point is the count of. */
  per: string;
  children: ReactNode;
}

/**
 * A figure with its course under it. The chart measures its place, so it is drawn in the browser only; its height is
 * fixed, and nothing jumps when it comes.
 */
export function ChartPanel({ title, total, per, children }: ChartPanelProps) {
  const inBrowser = useMounted();
  return (
    <section aria-label={`${title}: ${wholeNumber(total)}`}>
      <h2 className={styles.title}>
        {title} <span className={styles.per}>{per}</span>
      </h2>
      <p className={styles.total}>{wholeNumber(total)}</p>
      <div className={styles.chart}>{inBrowser && <Suspense>{children}</Suspense>}</div>
    </section>
  );
}
