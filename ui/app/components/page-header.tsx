import type { ReactNode } from "react";
import styles from "./page-header.module.css";

/** The top of a page: its title, then what is selected. Stays in sight. */
export function PageHeader({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <header className={styles.header}>
      <h1 className={styles.title}>{title}</h1>
      {children}
    </header>
  );
}
