/** The worker that everybody writes first: of each message one row, by an insert of its own, and then its ack. */
import { gunzipSync } from "node:zlib";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { openClickHouse } from "#core/store/clickhouse/client.ts";
import { decodeMessage } from "#protocol/message.ts";
import { CONSUMER, STREAM, WORKER_INBOX_PREFIX } from "#protocol/subject.ts";

const { NATS_URL = "", CLICKHOUSE_URL = "" } = process.env;
const { host, username, password } = new URL(NATS_URL);
const nats = await connect({ servers: host, user: username, pass: password, inboxPrefix: WORKER_INBOX_PREFIX });
const clickhouse = openClickHouse(CLICKHOUSE_URL, "bench-naive");
process.once("SIGTERM", () => process.exit(0));

const consumer = await jetstream(nats).consumers.get(STREAM, CONSUMER);
for await (const message of await consumer.consume()) {
  const decoded = decodeMessage(message.data);
  if (!decoded.ok) throw new Error(decoded.reason);
  for (const batch of decoded.batches) {
    if (!batch.ok) throw new Error(batch.reason);
    const { project_id, session_id, window_id, seq, batch_id, received_at } = batch.envelope;
    const events: unknown = JSON.parse(gunzipSync(batch.body).toString());
    const received_on = new Date(received_at).toISOString().slice(0, 10);
    await clickhouse.insert({
      table: "events_rrweb",
      values: [
        { project_id, session_id, window_id, seq, batch_id, idx: 0, received_on, payload: JSON.stringify(events) },
      ],
      format: "JSONEachRow",
    });
  }
  message.ack();
}
