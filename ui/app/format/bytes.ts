const UNITS: readonly [number, string][] = [
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "KB"],
];
const FIGURE = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** `840 B`, `12.3 KB`, `3.4 MB`, `1.25 GB`. */
export function bytesInWords(bytes: number): string {
  const [size, unit] = UNITS.find(([size]) => bytes >= size) ?? [1, "B"];
  return `${FIGURE.format(bytes / size)} ${unit}`;
}
