/**
 * What some bytes are: a picture, a font or a stylesheet, and nothing else. Told by the bytes (WHATWG MIME Sniffing, 6 and
 * 8), so that what is served is never a document, whatever the host that it came from said it was. A stylesheet has no
 * mark of its own: for it the host must say so, as a browser asks of it too.
 */
const ascii = (text: string) => Buffer.from(text, "latin1");

const MARKS: readonly { type: string; at?: number; mark: Buffer; also?: { at: number; mark: Buffer } }[] = [
  { type: "image/png", mark: Buffer.from("89504e470d0a1a0a", "hex") },
  { type: "image/jpeg", mark: Buffer.from("ffd8ff", "hex") },
  { type: "image/gif", mark: ascii("GIF8") },
  { type: "image/webp", mark: ascii("RIFF"), also: { at: 8, mark: ascii("WEBP") } },
  { type: "image/avif", at: 4, mark: ascii("ftypavif") },
  { type: "image/avif", at: 4, mark: ascii("ftypavis") },
  { type: "image/bmp", mark: ascii("BM") },
  { type: "image/x-icon", mark: Buffer.from("00000100", "hex") },
  { type: "font/woff2", mark: ascii("wOF2") },
  { type: "font/woff", mark: ascii("wOFF") },
  { type: "font/otf", mark: ascii("OTTO") },
  { type: "font/ttf", mark: Buffer.from("00010000", "hex") },
  { type: "font/ttf", mark: ascii("true") },
  { type: "font/collection", mark: ascii("ttcf") },
];

export const STYLESHEET = "text/css";
const SVG = "image/svg+xml";

/** Where a document of that kind would have to say what it is. */
const HEAD_BYTES = 4_096;

/**
 * @param said the host's `Content-Type`
 * @returns the type to serve it as, or null where it is no asset
 */
export function sniffType(bytes: Uint8Array, said: string): string | null {
  const starts = (mark: Buffer, at = 0) => mark.equals(bytes.subarray(at, at + mark.length));
  for (const { type, at, mark, also } of MARKS) {
    if (starts(mark, at) && (!also || starts(also.mark, also.at))) return type;
  }
  const mime = said.split(";", 1)[0]?.trim().toLowerCase();
  const head = Buffer.from(bytes.subarray(0, HEAD_BYTES))
    .toString("latin1")
    .replace(/^\u00ef\u00bb\u00bf/, "")
    .trimStart();
  if (mime === STYLESHEET) return head.startsWith("<") && !head.startsWith("<!--") ? null : STYLESHEET;
  return isSvg(head) ? SVG : null;
}

/** The root element is `svg`, after a declaration, comments and a document type. */
function isSvg(head: string): boolean {
  let left = head;
  for (;;) {
    const before = left;
    if (left.startsWith("<?")) left = after(left, "?>");
    else if (left.startsWith("<!--")) left = after(left, "-->");
    else if (/^<!doctype\s+svg\b/i.test(left))
      left = after(left, left.slice(0, left.indexOf(">")).includes("[") ? "]>" : ">");
    if (left === before) return /^<svg[\s>/]/.test(left);
  }
}

function after(text: string, mark: string): string {
  const at = text.indexOf(mark);
  return at === -1 ? "" : text.slice(at + mark.length).trimStart();
}
