import { Moment } from "../format/viewer.tsx";
import styles from "./still-held.module.css";

interface StillHeldProps {
  held: { stream_until: string | null; spools: string; backups: string; dead_letters?: number };
}

/** Where bytes may lie that no read shows. */
export function StillHeld({ held }: StillHeldProps) {
  return (
    <details className={styles.held}>
      <summary>Where bytes may still lie</summary>
      <dl>
        <dt>Stream</dt>
        <dd>{held.stream_until ? <Moment at={held.stream_until} full /> : "not known yet until when"}</dd>
        {held.dead_letters !== undefined && (
          <>
            <dt>Dead letters</dt>
            <dd>{held.dead_letters === 0 ? "none" : `${held.dead_letters}, as they were sent`}</dd>
          </>
        )}
        <dt>Spools</dt>
        <dd>{held.spools}</dd>
        <dt>Backups</dt>
        <dd>{held.backups}</dd>
      </dl>
    </details>
  );
}
