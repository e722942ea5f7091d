/**
 * Batch facts: what can be told from one batch alone, whatever came before, after, or twice. A fact's id is a hash of
 * (batch_id, idx, name), so that each delivery makes the same rows. docs/facts.md lists them all.
 *
 * Viewport: `width` and `height` of a `$pageview`, and `$resize` where it changes.
 * Release and environment: the envelope's, as props of `$pageview`, `$error` and `$web_vital`, which are compared by them;
 * of any other fact its batch tells them (`batches.release`, `.environment`), and of a session `sessions_meta`.
 */
import { bounded, given } from "./bounds.ts";
import { clicks } from "./click.ts";
import { consoleMessages } from "./console-message.ts";
import { pageErrors } from "./error.ts";
import { factId } from "./fact-id.ts";
import { identities, type RecordedPerson } from "./identify.ts";
import { type FactEvent, pageViews } from "./page-view.ts";
import { placesOf, placeText } from "./place.ts";
import { rankOfRequest, requests } from "./request.ts";
import { tracked } from "./tracked.ts";
import { resizes } from "./viewport.ts";
import { webVitals } from "./web-vital.ts";

export interface BatchFact {
  event_name: string;
  event_id: string;
  idx: number;
  /** The client's clock, ms. */
  ts: number;
  url: string;
  props: Record<string, unknown>;
}

/** A batch of rrweb events, and what its envelope says beside them. */
export interface FactBatch {
  batch_id: string;
  seq: number;
  /** All events in order; `data` may be absent where `tellsFacts` (recorded-event.ts) says so. */
  events: readonly FactEvent[];
  url?: string | null | undefined;
  user?: RecordedPerson | null | undefined;
  /** The recorder's name and version. */
  sdk?: string | null | undefined;
  release?: string | null | undefined;
  environment?: string | null | undefined;
}

/** How our recorder calls itself in an envelope. */
const OUR_SDK = "@rrhog/";

/** Rows of a kind that one batch may make: far above what a page does in the seconds of a batch. */
export const FACTS_MAX = {
  $pageview: 500,
  $click: 500,
  $console: 200,
  $request: 300,
  $error: 100,
  $web_vital: 100,
  $resize: 100,
  custom: 2_000,
} as const;

/** A custom event's row is the event itself. */
export function customFacts(batch: {
  batch_id: string;
  events: readonly { name: string; ts: number; url: string; props: Record<string, unknown> }[];
}): BatchFact[] {
  return batch.events.map(({ name, ...event }, idx) => ({
    ...event,
    idx,
    event_name: name,
    event_id: factId(batch.batch_id, idx, name),
  }));
}

export function batchFacts(batch: FactBatch): BatchFact[] {
  const { events, user, sdk } = batch;
  const urlAt = placesOf(events, batch.url ?? "");
  const version = given({ release: batch.release ?? "", environment: batch.environment ?? "" });
  const compared = <F extends Found>(fact: F) => ({ ...fact, props: { ...fact.props, ...version } });
  const rows = (event_name: string, facts: readonly Found[]) => facts.map((fact) => rowOf(fact, event_name));

  function rowOf({ idx, ts, props, part = 0, url = urlAt(idx) }: Found, event_name: string): BatchFact {
    const place = event_name === "$pageview" ? url : placeText(url);
    return {
      event_name,
      event_id: factId(batch.batch_id, idx, event_name, part),
      idx,
      ts,
      url: place,
      props: { ...props },
    };
  }

  return [
    ...rows("$pageview", bounded(pageViews(batch), FACTS_MAX.$pageview).map(compared)),
    ...rows("$identify", identities(events, user)),
    ...rows("$click", bounded(clicks(events), FACTS_MAX.$click)),
    ...rows("$console", bounded(consoleMessages(events), FACTS_MAX.$console, rankOfMessage)),
    ...rows("$request", bounded(requests(events), FACTS_MAX.$request, rankOfRequest)),
    ...rows("$error", bounded(pageErrors(events, sdk?.startsWith(OUR_SDK) ?? false), FACTS_MAX.$error).map(compared)),
    ...rows("$web_vital", bounded(webVitals(events), FACTS_MAX.$web_vital).map(compared)),
    ...rows("$resize", bounded(resizes(events), FACTS_MAX.$resize)),
    ...bounded(tracked(events), FACTS_MAX.custom).map(({ name, ...event }) => rowOf(event, name)),
  ];
}

interface Found {
  idx: number;
  ts: number;
  props: object;
  /** Of an event that tells several, place in it. */
  part?: number;
  /** Where it is not the page's at that moment. */
  url?: string;
}

function rankOfMessage({ props: { level } }: { props: { level: string } }): number {
  return ["error", "assert", "warn"].includes(level) ? 0 : 1;
}

/** What lists show and filter by of a batch: numbers of its rows. */
export interface FactCounts {
  click_count: number;
  error_count: number;
  console_error_count: number;
  request_failed_count: number;
}

export function countsOf(facts: readonly Pick<BatchFact, "event_name" | "props">[]): FactCounts {
  const count = (name: string, counts: (props: BatchFact["props"]) => boolean = () => true) =>
    facts.filter(({ event_name, props }) => event_name === name && counts(props)).length;
  return {
    click_count: count("$click"),
    error_count: count("$error"),
    console_error_count: count("$console", ({ level }) => level === "error"),
    request_failed_count: count("$request", ({ failed }) => failed === true),
  };
}
