import type { ReactNode } from "react";
import { Mark } from "../frame/mark.tsx";
import styles from "./entry-page.module.css";

interface EntryPageProps {
  title: string;
  /** Under it. */
  words: ReactNode;
  children: ReactNode;
}

/** A page by which one comes in: outside of every project, with a form. */
export function EntryPage({ title, words, children }: EntryPageProps) {
  return (
    <main className={styles.page}>
      <div className={styles.panel}>
        <header className={styles.head}>
          <Mark size={40} />
          <h1 className={styles.title}>{title}</h1>
          <p className={styles.dim}>{words}</p>
        </header>
        {children}
      </div>
    </main>
  );
}
