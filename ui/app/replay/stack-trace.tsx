import type { SourcePlace, StackLine } from "./stack.ts";
import styles from "./stack-trace.module.css";

/** A stack; lines that a source map knows are told in the sources' words, the innermost of them with its source. */
export function StackTrace({ lines }: { lines: readonly StackLine[] }) {
  const innermost = lines.findIndex(({ place }) => place !== null);
  return (
    <ol className={styles.stack} aria-label="Stack">
      {lines.map(({ text, place }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a stack comes whole, and may repeat itself
        <li key={i} className={place ? undefined : styles.raw} title={text}>
          {place ? <Frame place={place} isOpen={i === innermost} /> : text}
        </li>
      ))}
    </ol>
  );
}

function Frame({ place, isOpen }: { place: SourcePlace; isOpen: boolean }) {
  const { source, line, column, context } = place;
  const title = (
    <>
      {place.function && <b>{place.function} </b>}
      <span className={styles.source}>
        {source}:{line}:{column}
      </span>
    </>
  );
  if (!context) return title;
  return (
    <details open={isOpen}>
      <summary>{title}</summary>
      <pre className={styles.context}>
        {context.lines.map((text, i) => {
          const number = context.first_line + i;
          return (
            <code key={number} className={styles.code} data-here={number === line || undefined}>
              <span className={styles.number}>{number}</span>
              {text}
            </code>
          );
        })}
      </pre>
    </details>
  );
}
