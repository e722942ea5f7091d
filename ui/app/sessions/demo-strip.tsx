import { IconArrowUpRight } from "@tabler/icons-react";
import { Link } from "react-router";
import styles from "./demo-strip.module.css";

/** In the demo project: what one sees is demo data, and how to see oneself or one's own site. */
export function DemoStrip({ projectId, shopUrl }: { projectId: number; shopUrl: string }) {
  return (
    <p className={styles.strip}>
      <span>This is demo data.</span>
      <a className={styles.link} href={shopUrl} target="_blank" rel="noreferrer">
        Record yourself: open the demo shop <IconArrowUpRight size={14} aria-hidden="true" />
      </a>
      <Link className={styles.link} to={`/projects/${projectId}/install`}>
        Add your own site
      </Link>
    </p>
  );
}
