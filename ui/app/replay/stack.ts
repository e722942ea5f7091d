/** An error's stack, line by line, each with its place in the sources where the API knows it. */
import * as z from "zod/mini";

const Place = z.object({
  function: z.optional(z.string()),
  source: z.string(),
  line: z.number(),
  column: z.number(),
  /** Lines of the source around it. */
  context: z.optional(z.object({ first_line: z.number(), lines: z.array(z.string()) })),
});
export type SourcePlace = z.infer<typeof Place>;

/** As the API adds it to an error whose release has source maps. */
const Mapped = z.catch(z.array(z.nullable(Place)), []);

export interface StackLine {
  /** As the browser wrote it. */
  text: string;
  place: SourcePlace | null;
}

/** Empty where the error has no stack. */
export function stackOf(detail: Record<string, unknown> | undefined): StackLine[] {
  if (typeof detail?.stack !== "string" || detail.stack === "") return [];
  const mapped = Mapped.parse(detail.mapped ?? []);
  return detail.stack.split("\n").map((text, i) => ({ text: text.trim(), place: mapped[i] ?? null }));
}

/** `pay.ts:12` of the innermost frame that is known, as the sources have it where they are known. */
export function placeInWords(lines: readonly StackLine[]): string {
  for (const { text, place } of lines) {
    if (place) return `${fileOf(place.source)}:${place.line}`;
    const [, file, line] = /([^/\s(@]+?):(\d+)(?::\d+)?\)?$/.exec(text) ?? [];
    if (file) return `${fileOf(file)}:${line}`;
  }
  return "";
}

function fileOf(path: string): string {
  return (path.split("/").at(-1) ?? path).replace(/[?#].*/, "");
}
