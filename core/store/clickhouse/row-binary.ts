/** ClickHouse's RowBinary, as far as it is read here: https://clickhouse.com/docs/interfaces/formats/RowBinary */
import type { Slice } from "#protocol/json-scan.ts";

/**
 * A String: its length (LEB128), then so many bytes.
 *
 * @param at where it begins
 * @returns where its bytes lie; what follows begins at `end`
 * @throws where the answer ends before it does
 */
export function stringAt(bytes: Buffer, at: number): Slice {
  let length = 0;
  let start = at;
  for (let shift = 0, more = true; more; shift += 7, start++) {
    const byte = bytes.readUInt8(start);
    length += (byte & 0x7f) * 2 ** shift;
    more = byte >= 0x80;
  }
  if (start + length > bytes.length) throw new Error("ClickHouse's answer is cut short");
  return { start, end: start + length };
}
