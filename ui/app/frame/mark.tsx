/** The mark: a hedgehog's back as the bars of a timeline, its nose at the playhead. */
const PATH = "M3 20a9 9 0 0 1 9-9h2.4l5.1 5.6c1 1.1.2 2.9-1.3 2.9H17V20z";
const SPINES = ["M5.2 12.4 3.4 8.6", "M8.2 9.9 7.2 5.6", "M11.6 8.7V4.2", "M15 9l1.3-4"];

export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <path d={PATH} fill="var(--rr-accent)" />
      <circle cx="15.6" cy="15.2" r="0.9" fill="var(--rr-rail)" />
      {SPINES.map((d) => (
        <path key={d} d={d} stroke="var(--rr-accent)" strokeWidth="2" strokeLinecap="round" />
      ))}
    </svg>
  );
}

/** As a data URL: the security policy lets no picture be fetched, not even from here. */
export const FAVICON = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#6f6ce0" stroke-width="2" stroke-linecap="round">` +
    `<path d="${PATH}" fill="#6f6ce0" stroke="none"/><path d="${SPINES.join("")}"/></svg>`,
)}`;
