import type { Rows } from "./insert-bytes.ts";

/** Lines are sent in pieces of about this many characters, made as they go. */
const PIECE_LENGTH = 512 * 1024;

/** Rows that are text, a line each, in pieces as an insert takes them. */
export function* linePieces(lines: Iterable<string>): Generator<Rows> {
  let piece = "";
  for (const line of lines) {
    piece += line;
    if (piece.length < PIECE_LENGTH) continue;
    yield Buffer.from(piece);
    piece = "";
  }
  if (piece !== "") yield Buffer.from(piece);
}
