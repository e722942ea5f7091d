import type { ReactNode } from "react";
import { wholeNumber } from "../format/duration.ts";
import styles from "./panel.module.css";

/** A figure with its course under it. Its height is fixed, so that nothing jumps when the chart comes. */
export function ChartPanel({ title, total, children }: { title: string; total: number; children: ReactNode }) {
  return (
    <section aria-label={`${title}: ${wholeNumber(total)}`}>
      <h2 className={styles.title}>{title}</h2>
      <p className={styles.total}>{wholeNumber(total)}</p>
      <div className={styles.chart}>{children}</div>
    </section>
  );
}
