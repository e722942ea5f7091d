/** A list, or what stands for one in an attribute of the script tag: `a, b c`. */
export function listOf(option: string | readonly string[] | boolean | undefined): string[] {
  return String(option || "")
    .split(/[\s,]+/)
    .filter(Boolean);
}
