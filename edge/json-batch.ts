import type { BatchFacts } from "#protocol/batch.ts";
import type { Slice } from "#protocol/json-scan.ts";
import { FACTS_BYTES_MAX, JSON_DEPTH_MAX } from "#protocol/limits.ts";
import { readFacts } from "./batch-facts.ts";
import { accept, type Result, refuse } from "./rejection.ts";
import { type ScannedBatch, scanBatch } from "./scan-batch.ts";

export interface ParsedBatch {
  facts: BatchFacts;
  /** Where the `events` array lies in the inflated body. */
  events: Slice;
  /** The key that the body itself names. */
  key: string | null;
}

/** Checks a batch in the JSON format (protocol/batch.ts `JsonBatch`) in full, and finds its events in the bytes. */
export function parseJsonBatch(inflated: Uint8Array): Result<ParsedBatch> {
  const scanned = scanBatch(inflated);
  if (scanned.kind !== "batch") return refuseScanned(scanned);
  const facts = readFacts(JSON.parse(scanned.facts));
  if (!facts.ok) return facts;
  return accept({ facts: facts.value, events: scanned.events, key: facts.value.project_write_key ?? null });
}

/** Of the body nothing is quoted: it may hold what a person typed. */
function refuseScanned(scanned: Exclude<ScannedBatch, { kind: "batch" }>): Result<never> {
  switch (scanned.kind) {
    case "no_json":
      return refuse("body_malformed", { detail: `The body is not JSON at position ${scanned.at}.` });
    case "no_utf8":
      return refuse("body_malformed", { detail: "The body is not UTF-8." });
    case "too_deep":
      return refuse("body_malformed", { detail: `The body is nested deeper than ${JSON_DEPTH_MAX} levels.` });
    case "facts_too_large":
      return refuse("body_too_large", { detail: `Beside its events a batch may have ${FACTS_BYTES_MAX} bytes.` });
    case "no_batch":
      return refuse("body_malformed", { issues: [{ path: scanned.path, message: scanned.message }] });
  }
}
