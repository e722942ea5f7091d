import * as z from "zod";
import { AnalyticsBatch, AnalyticsEvent } from "#protocol/analytics.ts";
import { countValues, findMember, jsonDepth } from "#protocol/json-scan.ts";
import { JSON_DEPTH_MAX, VALUES_MAX } from "#protocol/limits.ts";
import { ISSUES_MAX, type ProblemIssue, problemIssues } from "#protocol/problem.ts";
import type { ParsedBatch } from "./json-batch.ts";
import { accept, type Result, refuse } from "./rejection.ts";

/** Its events are looked at one by one: zod says of all of an array's elements what is wrong, and of a million that is a gigabyte. */
const Unopened = AnalyticsBatch.extend({ events: z.array(z.unknown()).min(1) });

/** Checks the body of `POST /e` (protocol/analytics.ts) in full, and finds its events in the bytes. */
export function parseAnalyticsBatch(inflated: Uint8Array): Result<ParsedBatch> {
  if (jsonDepth(inflated) > JSON_DEPTH_MAX) {
    return refuse("body_malformed", { detail: `The body is nested deeper than ${JSON_DEPTH_MAX} levels.` });
  }
  if (countValues(inflated, { start: 0, end: inflated.byteLength }, VALUES_MAX) > VALUES_MAX) {
    return refuse("body_malformed", { detail: `The body holds over ${VALUES_MAX} values.` });
  }
  let json: unknown;
  try {
    // A byte order mark stays in, so that JSON.parse refuses it: the offsets of the events are counted in the bytes as sent.
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(inflated));
  } catch (error) {
    // The message would quote the body.
    return refuse("body_malformed", {
      detail: error instanceof SyntaxError ? "The body is not JSON." : "The body is not UTF-8.",
    });
  }
  const read = Unopened.safeParse(json);
  if (!read.success) return refuse("body_malformed", { issues: problemIssues(read.error) });
  const issues = eventIssues(read.data.events);
  if (issues.length > 0) return refuse("body_malformed", { issues });
  const events = findMember(inflated, "events");
  if (!events) throw new Error("json-scan found no events in a batch that has them");
  const { session_id, window_id, user, project_write_key } = read.data;
  return accept({ facts: { seq: 0, session_id, window_id, user }, events, key: project_write_key ?? null });
}

function eventIssues(events: readonly unknown[]): z.infer<typeof ProblemIssue>[] {
  const issues: z.infer<typeof ProblemIssue>[] = [];
  for (const [index, event] of events.entries()) {
    const read = AnalyticsEvent.safeParse(event);
    if (!read.success) issues.push(...problemIssues(read.error, `events.${index}.`));
    if (issues.length >= ISSUES_MAX) break;
  }
  return issues.slice(0, ISSUES_MAX);
}
