import styles from "./install.module.css";
import { type Known, Progress } from "./progress.tsx";
import { Snippets } from "./snippets.tsx";

/** The snippet, and what comes of it. */
export default function Install({ first }: { first?: Known }) {
  return (
    <div className={styles.install}>
      <section aria-label="The snippet">
        <h2 className={styles.heading}>Put the snippet in</h2>
        <Snippets />
      </section>
      <section aria-label="What is seen">
        <h2 className={styles.heading}>Open a page of yours</h2>
        <Progress {...(first && { first })} />
      </section>
    </div>
  );
}
