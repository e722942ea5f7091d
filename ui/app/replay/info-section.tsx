import styles from "./info-section.module.css";

interface SectionProps {
  title: string;
  children: React.ReactNode;
}

/** A part of a panel that is read, not listed. */
export function Section({ title, children }: SectionProps) {
  return (
    <section className={styles.section} aria-label={title}>
      <h2 className={styles.title}>{title}</h2>
      {children}
    </section>
  );
}

/** The same of facts by name. */
export function FactSection({ title, children }: SectionProps) {
  return (
    <Section title={title}>
      <dl className={styles.facts}>{children}</dl>
    </Section>
  );
}

/** Nothing at all where the fact is not known. */
export function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  if (children === null || children === "" || children === undefined || children === false) return null;
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
