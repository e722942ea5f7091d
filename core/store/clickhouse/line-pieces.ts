import type { Rows } from "./insert-bytes.ts";

/** Lines are sent in pieces of about this many characters, made as they go. */
const PIECE_LENGTH = 512 * 1024;

/** Rows as text, a line each, in pieces of whole lines. */
export function* linePieces<R>(rows: Iterable<R>, lineOf: (row: R) => string): Generator<Rows> {
  let piece = "";
  for (const row of rows) {
    piece += lineOf(row);
    if (piece.length < PIECE_LENGTH) continue;
    yield Buffer.from(piece);
    piece = "";
  }
  if (piece !== "") yield Buffer.from(piece);
}
