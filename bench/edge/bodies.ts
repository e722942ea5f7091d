/** Bodies of about 10 KB as a recorder sends them: cut out of a recording of a real application. */
import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { readRecording } from "#cli/recording.ts";
import { requestBytes } from "./load.ts";
import { KEY } from "./rig.ts";

const RECORDING = new URL("../../test/recordings/price-board.json.gz", import.meta.url).pathname;
export const BODY_BYTES = 10_000;

/** Consecutive events, as arrays of about `bytes` in JSON. */
async function eventArrays(bytes: number): Promise<Buffer[]> {
  const { events } = await readRecording(RECORDING);
  const arrays: Buffer[] = [];
  let open: Uint8Array[] = [];
  let size = 0;
  for (const event of events) {
    if (event.byteLength > bytes / 2) continue;
    open.push(event);
    size += event.byteLength + 1;
    if (size < bytes) continue;
    arrays.push(Buffer.from(`[${open.map((one) => Buffer.from(one).toString()).join(",")}]`));
    open = [];
    size = 0;
  }
  return arrays;
}

const HEADERS = { "Content-Type": "text/plain" };

export async function jsonRequests(): Promise<Buffer[]> {
  return (await eventArrays(BODY_BYTES)).map((events, seq) => {
    const facts = { seq, session_id: randomUUID(), window_id: randomUUID(), url: "https://board.example/" };
    const body = Buffer.from(`${JSON.stringify(facts).slice(0, -1)},"events":${events}}`);
    return requestBytes({ path: `/i?k=${KEY}&t=${Date.now()}`, headers: HEADERS, body });
  });
}

export async function framedRequests(gzip: boolean, bytes = BODY_BYTES): Promise<Buffer[]> {
  return (await eventArrays(bytes)).map((events, seq) => {
    const query = new URLSearchParams({
      k: KEY,
      t: String(Date.now()),
      seq: String(seq),
      session_id: randomUUID(),
      window_id: randomUUID(),
      url: "https://board.example/",
    });
    const body = gzip ? gzipSync(events) : events;
    return requestBytes({ path: `/i?${query}`, headers: HEADERS, body });
  });
}
