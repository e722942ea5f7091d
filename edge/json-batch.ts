import { JsonBatch } from "#protocol/batch.ts";
import { findMember, jsonDepth, type Slice } from "#protocol/json-scan.ts";
import { JSON_DEPTH_MAX } from "#protocol/limits.ts";
import { problemIssues } from "#protocol/problem.ts";
import { accept, type Result, refuse } from "./rejection.ts";

export interface ParsedBatch {
  batch: JsonBatch;
  /** Where the `events` array lies in the inflated body. */
  events: Slice;
}

/** Checks a batch in the JSON format in full, and finds its events in the bytes. */
export function parseJsonBatch(inflated: Uint8Array): Result<ParsedBatch> {
  if (jsonDepth(inflated) > JSON_DEPTH_MAX) {
    return refuse("body_malformed", { detail: `The body is nested deeper than ${JSON_DEPTH_MAX} levels.` });
  }
  const json = parseJson(inflated);
  if (!json.ok) return json;
  const batch = JsonBatch.safeParse(json.value);
  if (!batch.success) return refuse("body_malformed", { issues: problemIssues(batch.error) });
  const events = findMember(inflated, "events");
  if (!events) throw new Error("json-scan found no events in a batch that has them");
  return accept({ batch: batch.data, events });
}

function parseJson(inflated: Uint8Array): Result<unknown> {
  let text: string;
  try {
    // A byte order mark stays in, so that JSON.parse refuses it (RFC 8259, section 8.1): the offsets of the events are
    // counted in the bytes as sent.
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(inflated);
  } catch {
    return refuse("body_malformed", { detail: "The body is not UTF-8." });
  }
  try {
    return accept(JSON.parse(text) as unknown);
  } catch (error) {
    // Of V8's message only the place is passed on: the rest quotes the body, which may hold what a person typed.
    const position = /at position \d+/.exec(String(error))?.[0];
    return refuse("body_malformed", {
      detail: position ? `The body is not JSON ${position}.` : "The body is not JSON.",
    });
  }
}
