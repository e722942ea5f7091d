/** How what happened reads on one line. */

/** `rage click` of `$rage_click`; a site's own names stay as they are. */
export function eventInWords(name: string): string {
  if (name === "$pageview") return "page";
  return name.startsWith("$") ? name.slice(1).replaceAll("_", " ") : name;
}

/** The first props that fit on a line. */
const PROPS_SHOWN = 4;
const PROP_CHARS_SHOWN = 60;

/** `plan pro · total 12.5` */
export function propsInWords(props: Record<string, unknown>): string {
  return Object.entries(props)
    .slice(0, PROPS_SHOWN)
    .map(([name, value]) => `${name} ${valueInWords(value)}`)
    .map((words) => (words.length > PROP_CHARS_SHOWN ? `${words.slice(0, PROP_CHARS_SHOWN)}…` : words))
    .join(" · ");
}

/** What a site told: texts as they are, all else as JSON writes it. */
export function valueInWords(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
