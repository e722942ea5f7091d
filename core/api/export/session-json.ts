/** A session as one JSON text, written as it is read: what read-recording.ts takes back in. */
import type { PlayWindow } from "#core/facts/play-order.ts";
import type { Attempt } from "#core/store/clickhouse/batches.ts";
import type { PlayedEvent } from "../playback/read-events.ts";
import { separated } from "../playback/render.ts";

const COMMA = 0x2c;
const VERSION = 1;

/**
 * `{ "version", "session", "ledger", "events", "windows" }`: the events as they were sent, window after window; then, of
 * each window, the batches that they came in, by which the ledger of an imported copy tells the same.
 *
 * @param facts of the session, for who reads the file
 * @param attempts by which a batch's own facts are known
 */
export async function* sessionJson(
  facts: { session: unknown; ledger: unknown },
  windows: readonly PlayWindow[],
  attempts: readonly Attempt[],
  events: AsyncIterable<PlayedEvent[]>,
): AsyncGenerator<Uint8Array, void> {
  const { session, ledger } = facts;
  let before = `${JSON.stringify({ version: VERSION, session, ledger }).slice(0, -1)},"events":[`;
  const counts = new Map<string, number>();
  for await (const group of events) {
    for (const { batch } of group) counts.set(batch.batch_id, (counts.get(batch.batch_id) ?? 0) + 1);
    yield Buffer.concat([Buffer.from(before), separated(group, COMMA)]);
    before = ",";
  }
  const said = new Map(attempts.map((attempt) => [attempt.batch_id, saidOf(attempt)]));
  const told = windows.map(({ window_id, batches }) => ({
    window_id,
    batches: batches.flatMap(({ batch_id, seq }) => {
      const event_count = counts.get(batch_id);
      return event_count ? [{ seq, event_count, ...said.get(batch_id) }] : [];
    }),
  }));
  yield Buffer.from(`${before === "," ? "" : before}],"windows":${JSON.stringify(told)}}`);
}

function saidOf(attempt: Attempt) {
  const { url, user_id, user_email, user_agent, country, release, environment, sealed_through, dropped } = attempt;
  return {
    ...{ url, user_id, user_email, user_agent, country, release, environment, sealed_through, dropped },
    end: attempt.is_end,
  };
}
