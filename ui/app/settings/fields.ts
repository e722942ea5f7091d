/** What stands in a form's fields, as the API takes it. Refusing is the API's: what is no number is handed on as none. */

/** One a line; commas and spaces part them as well. */
export function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

/** One a line, whatever stands in it. */
export function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** An empty field means that there is none. */
export function numberOrNull(text: string, unit = 1): number | null {
  return text.trim() === "" ? null : Number(text) * unit;
}

/** The field of a number that is kept in another unit. */
export function inUnit(value: number | null, unit = 1): string {
  return value === null ? "" : String(Number((value / unit).toPrecision(12)));
}

/** `on`, `off`, or nothing: what the page itself says. */
export function flagOrNull(text: string): boolean | null {
  return text === "on" ? true : text === "off" ? false : null;
}

export function flagField(value: boolean | undefined): string {
  return value === undefined ? "" : value ? "on" : "off";
}
