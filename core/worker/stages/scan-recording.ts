/**
 * Cuts a recording's events out of a batch in one pass over its bytes. JSON.parse of all of them was half of the decoding,
 * and nothing is made of most: only of the few that may tell facts.
 */
import { tellsFacts } from "#core/facts/recorded-event.ts";
import { EventType, IncrementalSource, MouseInteraction } from "#protocol/event.ts";
import type { Slice } from "#protocol/json-scan.ts";
import { type ScannedEvent, scanEvent, scanEvents } from "#protocol/scan-events.ts";
import { asBytes, COMMA, isText, newScan, skipRestOfString, ZERO } from "#protocol/strict-json.ts";
import { type DecodedEvent, parseEvent } from "./decode.ts";
import { newReading } from "./reading.ts";

const TAG = asBytes('{"tag":"');
const SOURCE = asBytes('{"source":');
const SECOND = Buffer.from('"source"');
const ESCAPE = Buffer.from("\\u");
/** Sources of one digit that tell no facts. */
const OTHER_SOURCES = new Set<number | undefined>(
  Object.values(IncrementalSource)
    .filter(
      (source) => source < 10 && !tellsFacts(EventType.IncrementalSnapshot, { source, type: MouseInteraction.Click }),
    )
    .map((source) => ZERO + source),
);

/** Null where it is not plain that these are rrweb events: then JSON.parse says what they are. */
export function scanRecording(text: Buffer, array: Slice): DecodedEvent[] | null {
  const scanned: ScannedEvent[] = [];
  const { end, fault } = scanEvents(text.subarray(0, array.end), array.start, newScan(), (event) =>
    scanned.push(event),
  );
  if (end !== array.end || fault) return null;
  const events: DecodedEvent[] = [];
  const reading = newReading();
  for (const event of scanned) {
    const { type, timestamp, start, end } = event;
    const decoded = mayTellFacts(text, event) ? parseEvent(text, event, reading) : { type, timestamp, start, end };
    if (!decoded) return null;
    events.push(decoded);
  }
  return events;
}

/**
 * An event of which no values are to be made: of what a site tells, the tag, where it comes first as rrweb writes it.
 * Null where it is not plain that it is an event.
 */
export function scanOne(text: Buffer, { start, end }: Slice): DecodedEvent | null {
  const found: ScannedEvent[] = [];
  const scanned = scanEvent(text.subarray(0, end), start, newScan(), (event) => found.push(event));
  const [event] = found;
  if (scanned.end !== end || !event) return null;
  const { type, timestamp, data } = event;
  const tag = type === EventType.Custom && data ? firstTag(text, data) : null;
  return { type, timestamp, start, end, ...(tag !== null && { data: { tag } }) };
}

function firstTag(text: Buffer, { start, end }: Slice): unknown {
  if (!isText(text, start, TAG)) return null;
  const tagEnd = skipRestOfString(text.subarray(0, end), start + TAG.length, newScan());
  return JSON.parse(text.toString("utf8", start + TAG.length - 1, tagEnd));
}

/** Yes where the event has to be parsed to know. */
function mayTellFacts(text: Buffer, { type, data }: ScannedEvent): boolean {
  if (type === EventType.Meta || type === EventType.Custom || type === EventType.Plugin) return true;
  return type === EventType.IncrementalSnapshot && data !== null && !isPlainlyOther(text, data);
}

/** As rrweb writes them: the source first. Nothing after it can take it back but a second one, be it written with escapes. */
function isPlainlyOther(text: Buffer, { start, end }: Slice): boolean {
  if (!isText(text, start, SOURCE)) return false;
  const digit = start + SOURCE.length;
  if (!OTHER_SOURCES.has(text[digit]) || text[digit + 1] !== COMMA) return false;
  const rest = text.subarray(digit, end);
  return !rest.includes(SECOND) && !rest.includes(ESCAPE);
}
