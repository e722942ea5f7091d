/** The address of the same page with these parameters changed; null takes one away. */
export function withSearch(search: URLSearchParams, changes: Record<string, string | null>): string {
  const changed = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) changed.delete(name);
    else changed.set(name, value);
  }
  return `?${changed}`;
}
