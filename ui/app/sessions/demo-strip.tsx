import { IconArrowUpRight } from "@tabler/icons-react";
import styles from "./demo-strip.module.css";

/** In the embedded stack: what one sees is demo data, and how to see oneself. */
export function DemoStrip({ demoUrl }: { demoUrl: string }) {
  return (
    <p className={styles.strip}>
      <span>This is demo data.</span>
      <a className={styles.link} href={demoUrl} target="_blank" rel="noreferrer">
        Record yourself: open the demo shop <IconArrowUpRight size={14} aria-hidden="true" />
      </a>
    </p>
  );
}
