import { TraceMap } from "@jridgewell/trace-mapping";
import { z } from "zod";

/** Each source is kept a second time, behind the root that they share: a short text may name gigabytes of them. */
const RESOLVED_MAX = 4 * 1024 * 1024;

/** Measured, at worst: a byte of text; a line of mappings with its first; each further mapping. */
const TEXT_BYTES = 14;
const LINE_BYTES = 300;
const MAPPING_BYTES = 110;
/** Above what 32 MiB of a bundler's map become: a few letters make a mapping, and one makes an empty line. */
const DECODED_BYTES_MAX = 384 * 1024 * 1024;

const COMMA = ",".charCodeAt(0);
const SEMICOLON = ";".charCodeAt(0);

export interface ReadMap {
  map: TraceMap;
  /** What it takes in memory, once its mappings are decoded. */
  bytes: number;
}

/** Ends at the first that is wrong: a map may have millions. */
const Texts = z.custom<unknown[]>(Array.isArray, "must be an array").transform((values, context) => {
  if (values.every(isText)) return values;
  const path = [values.findIndex((value) => !isText(value))];
  context.addIssue({ code: "custom", path, message: "must be a string or null" });
  return z.NEVER;
});

const Content = z.object(
  {
    version: z.literal(3, "must be 3"),
    sourceRoot: z.string("must be a string").nullish(),
    sources: Texts,
    sourcesContent: Texts.nullish(),
    names: Texts.nullish(),
    mappings: z.string("must be a string"),
  },
  "must be an object",
);

/** The map that these bytes are, or what keeps stacks from being mapped by them. */
export function readSourceMap(bytes: Uint8Array): ReadMap | { problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return { problem: "must be JSON" };
  }
  const content = Content.safeParse(json);
  if (!content.success) return { problem: problemText(content.error) };
  const { sourceRoot, sources, sourcesContent, names, ...rest } = content.data;
  if (sources.length === 0) return { problem: "sources must have at least one" };
  const rootLength = (sourceRoot ?? "").length + 1;
  const resolved = sources.reduce((sum, source) => sum + rootLength + (source ?? "").length, 0);
  if (resolved > RESOLVED_MAX) return { problem: `sources with sourceRoot must be ${RESOLVED_MAX} characters at most` };
  const decoded = decodedBytes(rest.mappings);
  if (decoded > DECODED_BYTES_MAX) return { problem: "mappings would take too much memory" };
  const map = {
    sourceRoot: sourceRoot ?? "",
    sources,
    sourcesContent: sourcesContent ?? [],
    names: (names ?? []).map((name) => name ?? ""),
    ...rest,
  };
  return { map: new TraceMap(map), bytes: bytes.byteLength * TEXT_BYTES + decoded };
}

function decodedBytes(mappings: string): number {
  let sum = LINE_BYTES;
  for (let at = 0; at < mappings.length; at++) {
    const code = mappings.charCodeAt(at);
    if (code === SEMICOLON) sum += LINE_BYTES;
    else if (code === COMMA) sum += MAPPING_BYTES;
  }
  return sum;
}

/** Null where stacks can be mapped by it. */
export function sourceMapProblem(bytes: Uint8Array): string | null {
  const read = readSourceMap(bytes);
  return "problem" in read ? read.problem : null;
}

function problemText({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${z.core.toDotPath(path)} ${message}`.trim()).join(", ");
}

function isText(value: unknown): value is string | null {
  return typeof value === "string" || value === null;
}
