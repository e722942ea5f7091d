/** Text in a row of ClickHouse's TabSeparated format, written byte by byte: what is stored is what was sent. */

const BACKSLASH = 0x5c;

/** The letter after the backslash, for each byte that cannot stand for itself; 0 for all others. */
const ESCAPES = new Uint8Array(256);
for (const [char, letter] of Object.entries({ "\\": "\\", "\t": "t", "\n": "n", "\r": "r" })) {
  ESCAPES[char.charCodeAt(0)] = letter.charCodeAt(0);
}

/** At most so many bytes `writeTsv` will take for these. */
export function tsvLengthMax(start: number, end: number): number {
  return 2 * (end - start);
}

/** Bytes that `writeTsv` will take for these. */
export function tsvLength(text: Uint8Array, start: number, end: number): number {
  let length = end - start;
  for (let at = start; at < end; at++) if (ESCAPES[text[at] as number] !== 0) length++;
  return length;
}

/** @returns where the next byte goes */
export function writeTsv(target: Uint8Array, at: number, text: Uint8Array, start: number, end: number): number {
  for (let from = start; from < end; from++) {
    const byte = text[from] as number;
    const letter = ESCAPES[byte] as number;
    if (letter === 0) target[at++] = byte;
    else {
      target[at++] = BACKSLASH;
      target[at++] = letter;
    }
  }
  return at;
}
