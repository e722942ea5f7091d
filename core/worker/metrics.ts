/** What the worker counts, in Prometheus' words. `GET /metrics` serves it. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const KIB = 1024;
const MIB = 1024 * KIB;

export type Metrics = ReturnType<typeof createMetrics>;

/** What the stream tells of itself at the time of a scrape. */
export interface StreamState {
  /** Messages from the ack floor to the last one: all below the floor are loaded. */
  lag: number;
  bytes: number;
  /** What it may hold; then it refuses. */
  bytesMax: number;
  /** When it took the first message above the ack floor, ms since 1970; null where all are loaded. */
  oldestUnloadedAt: number | null;
}

/** @param streamState asked once a scrape; null while NATS does not answer */
export function createMetrics(streamState: () => Promise<StreamState | null>) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: "rrhog_worker_" });

  const ask = onceAtATime(streamState);
  const ofStream = (name: string, help: string, read: (state: StreamState) => number) =>
    new Gauge({
      name: `rrhog_worker_${name}`,
      help,
      registers,
      async collect() {
        const state = await ask();
        this.set(state ? read(state) : Number.NaN);
      },
    });
  ofStream(
    "lag_messages",
    "Last sequence of the stream minus the ack floor: messages that are not loaded",
    ({ lag }) => lag,
  );
  ofStream(
    "oldest_unloaded_seconds",
    "How long the oldest message that is not loaded has been in the stream; 0 where all are",
    ({ oldestUnloadedAt }) => (oldestUnloadedAt === null ? 0 : Math.max(0, Date.now() - oldestUnloadedAt) / 1_000),
  );
  ofStream("stream_bytes", "Bytes that the stream holds", ({ bytes }) => bytes);
  ofStream("stream_bytes_max", "Bytes that the stream may hold; then the edge spools", ({ bytesMax }) => bytesMax);

  return {
    registry,
    heldMessages: new Gauge({
      name: "rrhog_worker_held_messages",
      help: "Messages pulled and not yet acknowledged",
      registers,
    }),
    heldBytes: new Gauge({
      name: "rrhog_worker_held_bytes",
      help: "Bytes of the messages pulled and not yet acknowledged",
      registers,
    }),
    waiting: new Gauge({
      name: "rrhog_worker_waiting",
      help: "1 while a stage waits for this engine to come back",
      labelNames: ["engine"],
      registers,
    }),
    redeliveries: new Counter({
      name: "rrhog_worker_redeliveries_total",
      help: "Messages delivered more than once",
      registers,
    }),
    flushes: new Counter({
      name: "rrhog_worker_flushes_total",
      help: "Lots by what closed them: size, age, or the worker's end",
      labelNames: ["trigger"],
      registers,
    }),
    lotBatches: new Histogram({
      name: "rrhog_worker_lot_batches",
      help: "Batches inserted together",
      buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500],
      registers,
    }),
    lotBytes: new Histogram({
      name: "rrhog_worker_lot_bytes",
      help: "Inflated bytes of events inserted together",
      buckets: [10 * KIB, 100 * KIB, 500 * KIB, MIB, 2 * MIB, 4 * MIB, 8 * MIB, 16 * MIB, 32 * MIB, 64 * MIB],
      registers,
    }),
    ageSeconds: new Histogram({
      name: "rrhog_worker_age_seconds",
      help: "From a batch's reception at the edge to its acknowledgement",
      buckets: [...SECONDS, 300, 3_600, 86_400],
      registers,
    }),
    decodeSeconds: new Histogram({
      name: "rrhog_worker_decode_seconds",
      help: "Decoding one batch",
      buckets: [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1],
      registers,
    }),
    stageSeconds: new Histogram({
      name: "rrhog_worker_stage_seconds",
      help: "One lot in one stage, waiting for engines included",
      labelNames: ["stage"],
      buckets: SECONDS,
      registers,
    }),
    insertSeconds: new Histogram({
      name: "rrhog_worker_insert_seconds",
      help: "One insert into ClickHouse",
      labelNames: ["table"],
      buckets: SECONDS,
      registers,
    }),
    rows: new Counter({
      name: "rrhog_worker_rows_total",
      help: "Rows inserted, copies included",
      labelNames: ["table"],
      registers,
    }),
    bytes: new Counter({
      name: "rrhog_worker_bytes_total",
      help: "Inflated bytes of events loaded, copies included",
      registers,
    }),
    batches: new Counter({
      name: "rrhog_worker_batches_total",
      help: "Batches by what became of them, copies included",
      labelNames: ["verdict"],
      registers,
    }),
    redactions: new Counter({
      name: "rrhog_worker_redactions_total",
      help: "Findings made unreadable before they were stored, by rule, copies of batches included",
      labelNames: ["rule"],
      registers,
    }),
    trimmed: new Counter({
      name: "rrhog_worker_trimmed_messages_total",
      help: "Messages taken from the stream: loaded, and older than they are kept, or the stream was half full",
      registers,
    }),
    redrives: new Counter({
      name: "rrhog_worker_redrives_total",
      help: "Dead letters driven through the stages again, by what became of them",
      labelNames: ["verdict"],
      registers,
    }),
    removedRows: new Counter({
      name: "rrhog_worker_removed_rows_total",
      help: "Rows taken away by the sweep, copies included: deleted, or expired",
      labelNames: ["table", "why"],
      registers,
    }),
    spanSessions: new Counter({
      name: "rrhog_worker_span_sessions_total",
      help: "Sessions whose span facts were made, by what became of it",
      labelNames: ["verdict"],
      registers,
    }),
    pendingDeletions: new Gauge({
      name: "rrhog_worker_pending_deletions",
      help: "Sessions that are deleted for every reader, and whose rows are being taken away",
      registers,
    }),
    assets: new Counter({
      name: "rrhog_worker_assets_total",
      help: "Assets of recorded pages by what became of them: stored, unchanged, retried, removed, or why one is missing",
      labelNames: ["outcome"],
      registers,
    }),
    repairHints: new Counter({
      name: "rrhog_worker_repair_hints_total",
      help: "Recorders asked for a snapshot, since a gap in their window is lasting",
      registers,
    }),
    deadLetters: new Counter({
      name: "rrhog_worker_dead_letters_total",
      help: "Batches that can never be loaded, by reason, copies included",
      labelNames: ["reason"],
      registers,
    }),
  };
}

/** Whoever asks while the answer is on its way shares it: a scrape reads all gauges in one turn. */
function onceAtATime<T>(ask: () => Promise<T>): () => Promise<T> {
  let asking: Promise<T> | null = null;
  return () => {
    asking ??= ask().finally(() => {
      asking = null;
    });
    return asking;
  };
}
