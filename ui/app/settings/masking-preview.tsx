import { IconPhoto } from "@tabler/icons-react";
import styles from "./masking-preview.module.css";
import { SAMPLE, type View } from "./masking-sample.ts";

const VIEWS: { view: View; label: string }[] = [
  { view: "page", label: "The visitor sees" },
  { view: "balanced", label: "Balanced records" },
  { view: "strict", label: "Strict records" },
];

/** One page as its visitor sees it, and as each mode records it. */
export function MaskingPreview() {
  return (
    <div className={styles.views}>
      {VIEWS.map(({ view, label }) => (
        <figure key={view} className={styles.view}>
          <figcaption className={styles.label}>{label}</figcaption>
          <div className={styles.page}>
            <code className={styles.address}>{SAMPLE.address[view]}</code>
            <strong>{SAMPLE.heading[view]}</strong>
            <span>{SAMPLE.text[view]}</span>
            <Field value={SAMPLE.typed[view]} />
            <Field value={view === "page" ? "•".repeat(SAMPLE.password.page.length) : SAMPLE.password[view]} />
            <Field value={SAMPLE.chosen[view]} />
            <span className={styles.picture} data-empty={SAMPLE.picture[view] === "" || undefined}>
              {SAMPLE.picture[view] === "" ? (
                <span className="rr-hidden">no picture</span>
              ) : (
                <IconPhoto size={22} aria-label="a picture" />
              )}
            </span>
            <span className={styles.button}>{SAMPLE.button[view]}</span>
          </div>
        </figure>
      ))}
    </div>
  );
}

function Field({ value }: { value: string }) {
  return <span className={styles.field}>{value}</span>;
}
