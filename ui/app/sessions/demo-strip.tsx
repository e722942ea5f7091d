import { IconArrowUpRight } from "@tabler/icons-react";
import styles from "./demo-strip.module.css";

/** In the demo project: what one sees is demo data, and how to see oneself. */
export function DemoStrip({ shopUrl }: { shopUrl: string }) {
  return (
    <p className={styles.strip}>
      <span>This is demo data.</span>
      <a className={styles.link} href={shopUrl} target="_blank" rel="noreferrer">
        Record yourself: open the demo shop <IconArrowUpRight size={14} aria-hidden="true" />
      </a>
    </p>
  );
}
