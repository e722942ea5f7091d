import type { ReactNode } from "react";
import styles from "./section.module.css";

interface SectionProps {
  title: string;
  /** What it is about, for who sees it for the first time. */
  about: ReactNode;
  children: ReactNode;
}

/** A part of a settings page. */
export function Section({ title, about, children }: SectionProps) {
  return (
    <section className={styles.section} aria-label={title}>
      <h2 className={styles.title}>{title}</h2>
      <div className={styles.about}>{about}</div>
      {children}
    </section>
  );
}

/** What stands where a list would be that has nothing in it. */
export function Nothing({ children }: { children: ReactNode }) {
  return <p className={styles.nothing}>{children}</p>;
}
