import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { parseRecording, readRecording } from "./recording.ts";

const FIRST = '{"type":4,"timestamp":1.0,"data":{"events":[1]}}';
const SECOND = '{"type":2,"timestamp":12345678901234567890}';
const texts = ({ events }: { events: Uint8Array[] }) => events.map((event) => Buffer.from(event).toString());
const parse = (text: string) => texts(parseRecording(Buffer.from(text)));

describe("a recording is read event by event, byte for byte", () => {
  it.each([
    ["an array", `[${FIRST},${SECOND}]`],
    ["an array with blanks around", `\n [ ${FIRST} ,\n\t${SECOND} ]\n`],
    ["an object with a member `events`", `{"session_id":"s","events":[${FIRST},${SECOND}],"more":{}}`],
    ["one event a line", `${FIRST}\n${SECOND}\n`],
    ["one event a line, with the line ends of Windows", `${FIRST}\r\n\r\n${SECOND}`],
  ])("from %s", (_name, text) => {
    expect(parse(text)).toEqual([FIRST, SECOND]);
  });

  it("from a gzipped file", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "rrhog-recording-")), "recording.json.gz");
    await writeFile(file, gzipSync(`[${FIRST}]`));
    expect(texts(await readRecording(file))).toEqual([FIRST]);
  });

  it.each([
    ["nothing", "", "holds no rrweb events"],
    ["an empty array", "[]", "holds no rrweb events"],
    ["an event that is cut off", `{"type":4}\n{"type":`, "event 1 is not JSON"],
  ])("and %s is refused in words", (_name, text, words) => {
    expect(() => parse(text)).toThrow(words);
  });

  it("and a missing file is named", async () => {
    await expect(readRecording("/nowhere/recording.json")).rejects.toThrow(
      "/nowhere/recording.json cannot be read: ENOENT",
    );
  });
});
