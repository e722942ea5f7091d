/** The products as drawings, 200 × 200 each, drawn in the colour they are sold in (`--c`, set by the page). */

const PICTURES: Record<string, string> = {
  "storm-lantern": `
    <path d="M70 62c0-34 60-34 60 0" fill="none" stroke="#3a3f45" stroke-width="4"/>
    <rect x="82" y="44" width="36" height="12" rx="4" fill="var(--c)"/><path d="M76 56h48l6 16H70z" fill="var(--c)"/>
    <path d="M72 72h56c10 26 10 42 0 66H72c-10-24-10-40 0-66z" fill="#fff6df" stroke="#3a3f45" stroke-width="3"/>
    <path d="M100 132c-15-6-13-22 0-38 13 16 15 32 0 38z" fill="#f2a63b"/><path d="M100 130c-7-4-6-12 0-20 6 8 7 16 0 20z" fill="#fff1b8"/>
    <path d="M62 72v68M138 72v68" stroke="#3a3f45" stroke-width="4"/>
    <rect x="64" y="138" width="72" height="24" rx="6" fill="var(--c)"/><rect x="56" y="160" width="88" height="10" rx="5" fill="#3a3f45"/>`,
  "harbour-blanket": `
    <path d="M40 70c40-18 80-18 120 0v78c-40 16-80 16-120 0z" fill="var(--c)"/>
    <path d="M40 92c40-18 80-18 120 0v10c-40-18-80-18-120 0zM40 112c40-18 80-18 120 0v6c-40-18-80-18-120 0z" fill="#fff" opacity=".75"/>
    <path d="M40 70c40-18 80-18 120 0-40 18-80 18-120 0z" fill="#000" opacity=".12"/>
    <path d="M44 150v12M58 155v12M72 158v12M86 160v12M100 160v12M114 160v12M128 158v12M142 155v12M156 150v12" stroke="var(--c)" stroke-width="3"/>`,
  "enamel-mug": `
    <path d="M132 84c34-4 36 48-2 46" fill="none" stroke="#23384d" stroke-width="9"/><path d="M132 84c34-4 36 48-2 46" fill="none" stroke="var(--c)" stroke-width="5"/>
    <path d="M56 66h82l-6 88c0 6-70 6-70 0z" fill="var(--c)" stroke="#23384d" stroke-width="3"/>
    <ellipse cx="97" cy="66" rx="41" ry="9" fill="#3d2b20" stroke="#23384d" stroke-width="4"/>
    <path d="M82 44c-8-10 8-14 0-24M102 44c-8-10 8-14 0-24" stroke="#23384d" stroke-width="3" fill="none" opacity=".35"/>
    <path d="M70 86l4 58" stroke="#fff" stroke-width="6" opacity=".35"/>`,
  "field-thermos": `
    <rect x="72" y="30" width="56" height="34" rx="8" fill="#c9ccd0"/><rect x="78" y="60" width="44" height="10" fill="#6b7178"/>
    <rect x="66" y="68" width="68" height="104" rx="10" fill="var(--c)"/><rect x="66" y="94" width="68" height="8" fill="#fff" opacity=".6"/>
    <rect x="66" y="150" width="68" height="22" rx="10" fill="#6b7178"/><rect x="76" y="74" width="8" height="72" rx="4" fill="#fff" opacity=".3"/>`,
  "canvas-tote": `
    <path d="M74 84c-4-58 56-58 52 0" fill="none" stroke="#8a6a42" stroke-width="6"/>
    <path d="M46 78h108l10 88c0 4-128 4-128 0z" fill="var(--c)" stroke="#6d5533" stroke-width="2"/>
    <path d="M46 78h108l2 14H44z" fill="#000" opacity=".1"/>
    <path d="M78 122c14-16 30-16 44 0-14 16-30 16-44 0zM122 122l14-9v18z" fill="#2d4a5a"/><circle cx="90" cy="119" r="2.5" fill="#fff"/>`,
  "rain-shell": `
    <path d="M76 56L44 76l-10 76 22 4 8-54zM124 56l32 20 10 76-22 4-8-54z" fill="var(--c)"/>
    <path d="M76 54c0-34 48-34 48 0l14 22v94H62V76z" fill="var(--c)"/><path d="M82 56c2-22 34-22 36 0-8 14-28 14-36 0z" fill="#26323f" opacity=".55"/>
    <path d="M100 68v102" stroke="#26323f" stroke-width="3"/><path d="M72 128h20M108 128h20" stroke="#26323f" stroke-width="4" opacity=".5"/>`,
  "pocket-binoculars": `
    <path d="M58 58h32l6 34-8 64H46l-4-58zM142 58h-32l-6 34 8 64h42l4-58z" fill="var(--c)"/>
    <rect x="88" y="82" width="24" height="26" rx="6" fill="#20242a"/><rect x="56" y="46" width="34" height="14" rx="5" fill="#20242a"/><rect x="110" y="46" width="34" height="14" rx="5" fill="#20242a"/>
    <ellipse cx="67" cy="156" rx="23" ry="12" fill="#20242a"/><ellipse cx="133" cy="156" rx="23" ry="12" fill="#20242a"/>
    <ellipse cx="67" cy="156" rx="16" ry="8" fill="#7fb0c9"/><ellipse cx="133" cy="156" rx="16" ry="8" fill="#7fb0c9"/>`,
  "beach-parasol": `
    <path d="M100 60l14 116" stroke="#9c7444" stroke-width="6"/><ellipse cx="112" cy="176" rx="46" ry="7" fill="#e6cf9c"/>
    <path d="M24 104c6-86 130-98 152-18-16-10-32-8-40 6-14-12-32-10-40 4-14-10-32-8-36 6-12-10-28-10-36 2z" fill="var(--c)"/>
    <path d="M60 102c-2-40 14-62 38-68 4 20 2 44-2 62-14-10-32-8-36 6zM136 92c-4-28-16-48-38-58 32-2 62 12 78 52-16-10-32-8-40 6z" fill="#fff" opacity=".7"/>
    <circle cx="97" cy="32" r="5" fill="#9c7444"/>`,
};

/** An inline SVG: recorded with the page, so that a replay needs nothing from this server. */
export function picture(slug: string, label: string): string {
  return `<svg class="picture" viewBox="0 0 200 200" role="img" aria-label="${label}">${PICTURES[slug] ?? ""}</svg>`;
}
