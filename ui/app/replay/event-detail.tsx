/** All that is known of one event: of an error its stack, of a request what was asked and answered. */
import { CloseButton } from "@mantine/core";
import { clock } from "../format/duration.ts";
import { eventInWords, valueInWords } from "../format/event.ts";
import styles from "./event-detail.module.css";
import { stackOf } from "./stack.ts";
import { StackTrace } from "./stack-trace.tsx";
import { headline, type TimelineItem } from "./timeline-item.ts";

interface EventDetailProps {
  item: TimelineItem;
  onClose(): void;
}

export function EventDetail({ item, onClose }: EventDetailProps) {
  const stack = stackOf(item.detail);
  const { stack: _, mapped: __, ...others } = item.detail ?? {};
  const facts: Record<string, unknown> = { selector: item.selector, ...(stack.length > 0 ? others : item.detail) };
  return (
    <section className={styles.box} aria-label="The chosen event">
      <header className={styles.head}>
        <span className={styles.what}>
          {clock(item.at_ms)} {eventInWords(item.type)}
        </span>
        <CloseButton size="sm" onClick={onClose} aria-label="Close" />
      </header>
      <p className={styles.headline}>{headline(item)}</p>
      {stack.length > 0 && <StackTrace lines={stack} />}
      <dl className={styles.facts}>
        {Object.entries(facts).map(([name, value]) =>
          value === undefined || value === null ? null : (
            <div key={name} className={styles.fact}>
              <dt>{name}</dt>
              <dd>{valueInWords(value)}</dd>
            </div>
          ),
        )}
      </dl>
    </section>
  );
}
