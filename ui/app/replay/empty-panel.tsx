/** What a panel says where there is nothing to list. */
import styles from "./event-panel.module.css";

export function EmptyPanel({ title, words }: { title: string; words: string }) {
  return (
    <div className={styles.empty}>
      <p className={styles.emptyTitle}>{title}</p>
      <p>{words}</p>
    </div>
  );
}
