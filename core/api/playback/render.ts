/** Events as an answer's text. Payloads are copied, never parsed: what was sent is what comes back. */
import { cursorAfter } from "./cursor.ts";
import type { PlayedEvent } from "./read-events.ts";
import type { Part } from "./stretch.ts";

const COMMA = 0x2c;
const SPACE = 0x20;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/**
 * `{ "events": […], "next_cursor": … }`, piece by piece.
 *
 * @param parts what the answer would hold without bounds; the cursor is null where its end is reached
 * @param max after which the page ends: events, and bytes of payload; one event at least
 */
export async function* jsonPage(
  groups: AsyncIterable<PlayedEvent[]>,
  parts: readonly Part[],
  max: { events: number; bytes: number },
): AsyncGenerator<Uint8Array, void> {
  let head = '{"events":[';
  const left = { ...max };
  let last: PlayedEvent | undefined;
  for await (const group of groups) {
    const events = upTo(group.slice(0, left.events), left.bytes);
    yield Buffer.concat([Buffer.from(head), separated(events, COMMA)]);
    head = ",";
    left.events -= events.length;
    left.bytes -= events.reduce((sum, { payload }) => sum + payload.length, 0);
    last = events.at(-1);
    if (left.events <= 0 || left.bytes <= 0) break;
  }
  const end = last && !isEnd(last, parts) ? cursorAfter(last) : null;
  yield Buffer.from(`${last ? "" : head}],"next_cursor":${JSON.stringify(end)}}`);
}

/** `{ "session_id": …, "events": […] }`: the original's answer, whole. */
export async function* replay(
  groups: AsyncIterable<PlayedEvent[]>,
  sessionId: string,
): AsyncGenerator<Uint8Array, void> {
  const head = `{"session_id":${JSON.stringify(sessionId)},"events":[`;
  let before = head;
  for await (const group of groups) {
    yield Buffer.concat([Buffer.from(before), separated(group, COMMA)]);
    before = ",";
  }
  yield Buffer.from(`${before === head ? head : ""}]}`);
}

/** One event a line. A body may have been sent with line breaks between its tokens; in JSON blanks do as well. */
export async function* ndjson(groups: AsyncIterable<PlayedEvent[]>): AsyncGenerator<Uint8Array, void> {
  for await (const group of groups) {
    for (const { payload } of group) toOneLine(payload);
    yield Buffer.concat([separated(group, LINE_FEED), Buffer.of(LINE_FEED)]);
  }
}

/**
 * A stream that asks for the next piece when the last was taken. The first is awaited here: an engine that does not
 * answer is still a 503 and not half a 200.
 *
 * @param cancel called when nobody reads any more
 */
export async function streamOf(
  pieces: AsyncGenerator<Uint8Array, void>,
  cancel: () => void,
): Promise<ReadableStream<Uint8Array>> {
  const first = await pieces.next();
  let next: IteratorResult<Uint8Array, void> | null = first;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = next ?? (await pieces.next());
        next = null;
        if (piece.done) controller.close();
        else controller.enqueue(piece.value);
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
}

/** The first of them that together reach `bytesMax`, or all. */
function upTo(events: PlayedEvent[], bytesMax: number): PlayedEvent[] {
  let bytes = 0;
  const end = events.findIndex(({ payload }) => {
    bytes += payload.length;
    return bytes >= bytesMax;
  });
  return end === -1 ? events : events.slice(0, end + 1);
}

function isEnd({ batch, idx }: PlayedEvent, parts: readonly Part[]): boolean {
  const end = parts.at(-1)?.batch;
  return batch.batch_id === end?.batch_id && idx === end.event_count - 1;
}

/** With commas between them. Changes the payloads. */
export function inOneLine(events: readonly PlayedEvent[]): Buffer {
  for (const { payload } of events) toOneLine(payload);
  return separated(events, COMMA);
}

export function separated(events: readonly PlayedEvent[], separator: number): Buffer {
  const size = events.reduce((sum, { payload }) => sum + payload.length + 1, 0);
  const text = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { payload } of events) {
    payload.copy(text, at);
    at += payload.length;
    text[at++] = separator;
  }
  return text.subarray(0, Math.max(0, size - 1));
}

/** In place. Inside of a JSON string a line break is always escaped, so each raw one lies between tokens. */
function toOneLine(payload: Buffer): void {
  for (const byte of [LINE_FEED, CARRIAGE_RETURN]) {
    for (let at = payload.indexOf(byte); at !== -1; at = payload.indexOf(byte, at + 1)) payload[at] = SPACE;
  }
}
