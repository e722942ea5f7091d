/** A part of the info panel: facts by name. */
import styles from "./info-panel.module.css";

export function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className={styles.section}>
      <h2 className={styles.title}>{title}</h2>
      <dl className={styles.facts}>{children}</dl>
    </section>
  );
}

/** Nothing at all where the fact is not known. */
export function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  if (children === null || children === "" || children === undefined) return null;
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
