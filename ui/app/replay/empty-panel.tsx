/** What a panel says where there is nothing to list. */
import styles from "./empty-panel.module.css";

export function EmptyPanel({ title, words }: { title: string; words: string }) {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>{title}</p>
      <p>{words}</p>
    </div>
  );
}

/** What a panel says where its lines could not be had. */
export function PanelNotLoaded({ what }: { what: string }) {
  return <EmptyPanel title={`${what} could not be loaded`} words="Reload to try again. The replay is not affected." />;
}
