/** Reads recorded events back, some MiB at a time: for the worker, which goes through whole sessions. */
import { z } from "zod";
import type { SessionKey } from "./batches.ts";
import type { ClickHouseClient } from "./client.ts";

const GROUP_BYTES = 4 * 1024 * 1024;
/** Their ids travel in the URL, whose length servers bound. */
const GROUP_BATCHES = 150;

interface Batch {
  batch_id: string;
  seq: number;
  events_bytes: number;
}

const Row = z.tuple([z.int(), z.int(), z.string()]);

/** The events of a window's batches in the order of `batches`, each once, the newest redaction rules first. */
export async function* readRecorded<B extends Batch>(
  clickhouse: ClickHouseClient,
  session: SessionKey,
  windowId: string,
  batches: readonly B[],
): AsyncGenerator<{ batch: B; idx: number; payload: string }, void> {
  for (let at = 0; at < batches.length; ) {
    const group = groupFrom(batches, at);
    at += group.length;
    const seqs = group.map(({ seq }) => seq);
    const result = await clickhouse.query({
      query: `
        SELECT toUInt32(indexOf({ids: Array(UUID)}, batch_id)) AS place, idx, payload
        FROM events_rrweb
        PREWHERE project_id = {project: UInt32} AND session_id = {session: UUID} AND window_id = {window: String}
          AND seq BETWEEN {first: UInt32} AND {last: UInt32} AND batch_id IN {ids: Array(UUID)}
        ORDER BY place, idx, version DESC
        LIMIT 1 BY batch_id, idx`,
      query_params: {
        project: session.project_id,
        session: session.session_id,
        window: windowId,
        ids: group.map(({ batch_id }) => batch_id),
        first: Math.min(...seqs),
        last: Math.max(...seqs),
      },
      format: "JSONCompactEachRow",
    });
    for (const row of await result.json()) {
      const [place, idx, payload] = Row.parse(row);
      const batch = group[place - 1];
      if (batch) yield { batch, idx, payload };
    }
  }
}

function groupFrom<B extends Batch>(batches: readonly B[], start: number): B[] {
  let bytes = 0;
  let end = start;
  for (; end < batches.length && end - start < GROUP_BATCHES; end++) {
    bytes += (batches[end] as B).events_bytes;
    if (end > start && bytes > GROUP_BYTES) break;
  }
  return batches.slice(start, end);
}
