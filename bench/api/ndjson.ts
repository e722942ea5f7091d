/** Bytes a second of a whole session as NDJSON, against ClickHouse's own of the same rows to the same client. */
import { type Figure, median, type Progress } from "../figure.ts";
import type { Rig } from "./rig.ts";
import { loadSession } from "./sessions.ts";

const SESSION_MS = 3 * 3_600_000;
const TURNS = 7;
const GOAL = 0.5;
const RAW_FORMATS = ["TSVRaw", "JSONEachRow", "RowBinary"] as const;

export async function ndjsonFigure(rig: Rig, progress: Progress): Promise<Figure> {
  progress("api: loading a session of three hours");
  const session = await loadSession(rig, SESSION_MS);
  const ndjson = () => drained(eventsOf(rig, session));
  const raw = (format: string) => drained(rowsOf(rig, session, format));
  await ndjson();
  const rates: { format: string; perSecond: number }[] = [];
  progress("api: looking for ClickHouse's fastest format");
  for (const format of RAW_FORMATS) {
    await raw(format);
    const runs = [await raw(format), await raw(format), await raw(format)];
    rates.push({ format, perSecond: median(runs.map(({ perSecond }) => perSecond)) });
  }
  const fastest = rates.reduce((best, rate) => (rate.perSecond > best.perSecond ? rate : best)).format;
  const payload = (await raw("TSVRaw")).bytes;
  const turns: { ratio: number; api: number; clickhouse: number }[] = [];
  for (let turn = 1; turn <= TURNS; turn++) {
    progress(`api: NDJSON against ${fastest}, turn ${turn} of ${TURNS}`);
    const answered = await ndjson();
    const read = await raw(fastest);
    if (answered.bytes !== payload) throw new Error(`${answered.bytes} bytes came, not ${payload}`);
    const api = payload / answered.seconds / 1e6;
    const clickhouse = payload / read.seconds / 1e6;
    turns.push({ ratio: api / clickhouse, api, clickhouse });
  }
  const of = (pick: (turn: (typeof turns)[number]) => number) => median(turns.map(pick));
  return {
    bench: "api.ndjson",
    ratio: of(({ ratio }) => ratio),
    goal: GOAL,
    better: "higher",
    detail:
      `${of(({ api }) => api).toFixed(0)} of ${of(({ clickhouse }) => clickhouse).toFixed(0)} MB a second: ` +
      `${(payload / 1e6).toFixed(0)} MB of events; ClickHouse's by ${fastest}, the fastest of ${RAW_FORMATS.join(", ")}`,
  };
}

function eventsOf({ apiUrl, reader }: Rig, session: string): Promise<Response> {
  const headers = { ...reader, accept: "application/x-ndjson", "accept-encoding": "identity" };
  return fetch(`${apiUrl}/v1/projects/1/sessions/${session}/events`, { headers });
}

function rowsOf({ clickhouseUrl }: Rig, session: string, format: string): Promise<Response> {
  const query = `SELECT payload FROM events_rrweb WHERE project_id = 1 AND session_id = '${session}' FORMAT ${format}`;
  return fetch(clickhouseUrl, { method: "POST", body: query, headers: { "accept-encoding": "identity" } });
}

async function drained(asked: Promise<Response>): Promise<{ bytes: number; seconds: number; perSecond: number }> {
  const began = performance.now();
  const answer = await asked;
  if (!answer.ok || !answer.body) throw new Error(await answer.text());
  let bytes = 0;
  for await (const chunk of answer.body) bytes += chunk.byteLength;
  const seconds = (performance.now() - began) / 1_000;
  return { bytes, seconds, perSecond: bytes / seconds };
}
