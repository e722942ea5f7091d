/** All that is known of one event: of an error its stack, of a request what was asked and answered. */
import { CloseButton } from "@mantine/core";
import { clock } from "../format/duration.ts";
import styles from "./event-detail.module.css";
import { headline, type TimelineItem, typeInWords } from "./timeline-item.ts";

interface EventDetailProps {
  item: TimelineItem;
  onClose(): void;
}

export function EventDetail({ item, onClose }: EventDetailProps) {
  const { stack, ...others }: Record<string, unknown> = { selector: item.selector, ...item.detail };
  return (
    <section className={styles.box} aria-label="The chosen event">
      <header className={styles.head}>
        <span className={styles.what}>
          {clock(item.at_ms)} {typeInWords(item.type)}
        </span>
        <CloseButton size="sm" onClick={onClose} aria-label="Close" />
      </header>
      <p className={styles.headline}>{headline(item)}</p>
      {typeof stack === "string" && <pre className={styles.stack}>{stack}</pre>}
      <dl className={styles.facts}>
        {Object.entries(others).map(([name, value]) =>
          value === undefined || value === null ? null : (
            <div key={name} className={styles.fact}>
              <dt>{name}</dt>
              <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
            </div>
          ),
        )}
      </dl>
    </section>
  );
}
