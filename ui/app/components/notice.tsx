/** What stands where data would be: nothing yet, nothing found, or something failed. Says what to do about it. */
import type { ReactNode } from "react";
import styles from "./notice.module.css";

interface NoticeProps {
  title: string;
  icon: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  /** Something failed. */
  bad?: boolean;
  /** There is no frame around it. */
  wholePage?: boolean;
}

export function Notice({ title, icon, children, actions, bad, wholePage }: NoticeProps) {
  return (
    <section className={`${styles.notice} ${wholePage ? styles.whole : ""}`} role={bad ? "alert" : undefined}>
      <div className={`${styles.icon} ${bad ? styles.bad : ""}`}>{icon}</div>
      <h1 className={styles.title}>{title}</h1>
      {children && <div className={styles.body}>{children}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </section>
  );
}
