/** What the API says of a field, as a form says it. */

/**
 * Where something is wrong: `limits.allowed_origins.1` is `allowed origins, no. 2`. The first of several names is the part
 * of the settings, which the form shows as its heading.
 */
export function fieldInWords(path: string): string {
  const [first = "", ...rest] = path.split(".");
  const names = rest.some((name) => !isPosition(name)) ? rest : [first, ...rest];
  return names.map((name) => (isPosition(name) ? `no. ${Number(name) + 1}` : name.replaceAll("_", " "))).join(", ");
}

export function beginsLarge(sentence: string): string {
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}

const isPosition = (name: string) => /^\d+$/.test(name);
