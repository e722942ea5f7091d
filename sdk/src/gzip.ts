/** The text as gzip, or as plain UTF-8 where the browser has no CompressionStream. The work is done off the main thread. */
export async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof CompressionStream === "undefined") return utf8(text);
  try {
    const compressed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
    return new Uint8Array(await new Response(compressed).arrayBuffer());
  } catch {
    return utf8(text);
  }
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
