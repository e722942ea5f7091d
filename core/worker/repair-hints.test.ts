import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Envelope } from "#protocol/envelope.ts";
import { RepairHint } from "#protocol/repair.ts";
import { EDGE_INBOX_PREFIX, repairSubject, WORKER_INBOX_PREFIX } from "#protocol/subject.ts";
import { type FreshDatabases, freshDatabases } from "../../test/support/databases.ts";
import { startTestNats, type TestNats } from "../../test/support/nats.ts";
import { credentials, openPublisher, type Publisher } from "./testing/publisher.ts";
import { event, messageOf, sealed } from "./testing/sealed.ts";
import { startWorker, type WorkerProcess } from "./testing/worker-process.ts";

const LASTING_MS = 2_000;

let databases: FreshDatabases;
let nats: TestNats;
let publisher: Publisher;
let worker: WorkerProcess;
let relay: NatsConnection;
const hints: { subject: string; hint: RepairHint }[] = [];

beforeAll(async () => {
  [databases, nats] = await Promise.all([freshDatabases(), startTestNats()]);
  await databases.sql`INSERT INTO projects (id, name) VALUES (1, 'Test shop')`;
  relay = await connect({ ...credentials(nats.urlOf("edge")), inboxPrefix: EDGE_INBOX_PREFIX });
  relay.subscribe(repairSubject("any-eu"), {
    callback: (_, message) => {
      hints.push({ subject: message.subject, hint: RepairHint.parse(message.json()) });
    },
  });
  publisher = await openPublisher(nats);
  worker = startWorker({
    CLICKHOUSE_URL: databases.clickhouseUrl,
    POSTGRES_URL: databases.postgresUrl,
    NATS_URL: nats.urlOf("worker"),
    GAP_LASTING_S: String(LASTING_MS / 1_000),
  });
  await until(async () => (await fetch(`${await worker.url}/healthz`)).status === 200);
});
afterAll(async () => {
  worker.signal("SIGKILL");
  await worker.exited;
  await Promise.all([publisher.close(), relay.close()]);
  await Promise.all([databases.drop(), nats.drop()]);
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(50);
}

/** Publishes batches of one session, given by their seq, as one message; resolves when all of the session is loaded. */
async function record(session_id: string, seqs: readonly number[], facts: Partial<Envelope> = {}): Promise<void> {
  const before = await loaded(session_id);
  await publisher.publish(
    messageOf(...seqs.map((seq) => sealed([event(seq)], { session_id, seq, region: "any-eu", ...facts }))),
  );
  await until(async () => (await loaded(session_id)) === before + seqs.length);
}

async function loaded(sessionId: string): Promise<number> {
  const [row] = await databases.sql`SELECT batch_count FROM sessions_meta WHERE session_id = ${sessionId}`;
  return row?.batch_count ?? 0;
}

async function hintsCounted(): Promise<number> {
  const metrics = await (await fetch(`${await worker.url}/metrics`)).text();
  return Number(/^rrhog_worker_repair_hints_total (\d+)$/m.exec(metrics)?.[1]);
}

const hintsFor = (session: string) => hints.filter(({ hint }) => hint.session_id === session);

it("asks for a snapshot where a gap is lasting, by way of the window's region, and nowhere else", async () => {
  const [open, unnumbered, regionless, gapped] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  await record(open, [0, 1, 2]);
  await record(unnumbered, [3], { window_id: "" });
  await record(regionless, [0, 2], { region: undefined });
  const closed = await closedInTime();
  const began = Date.now();
  await record(gapped, [0, 2]);

  await until(() => hintsFor(gapped).length > 0);
  expect(Date.now() - began).toBeGreaterThanOrEqual(LASTING_MS);
  expect(hintsFor(gapped)).toEqual([
    {
      subject: "repair.any-eu",
      hint: {
        v: 1,
        project_id: 1,
        session_id: gapped,
        window_id: "w1",
        want: ["snapshot"],
        at: expect.closeTo(Date.now(), -5),
      },
    },
  ]);

  // A later one is due later: by then all others would have been asked, and the first one twice.
  const later = randomUUID();
  await record(gapped, [3]);
  await record(later, [0, 2]);
  await until(() => hintsFor(later).length > 0);
  expect(hintsFor(gapped)).toHaveLength(1);
  for (const session of [open, unnumbered, regionless, closed]) expect(hintsFor(session)).toEqual([]);
  await until(async () => (await hintsCounted()) === hints.length);
});

it("asks when what was sealed at a window's end does not come", async () => {
  const silent = randomUUID();
  const began = Date.now();
  await record(silent, [0, 1], { sealed_through: 3 });
  await until(() => hintsFor(silent).length > 0);
  expect(Date.now() - began).toBeGreaterThanOrEqual(5 * LASTING_MS);
});

it("lets the edge hear hints and give none, and the worker give some and hear none", async () => {
  const other = await connect({ ...credentials(nats.urlOf("worker")), inboxPrefix: WORKER_INBOX_PREFIX });
  const before = hints.length;
  relay.publish(repairSubject("any-eu"), "{}");
  await expect(refused(relay)).resolves.toMatch(/publish.*repair\.any-eu/i);
  const heard = new Promise((resolve) => other.subscribe("repair.*", { callback: resolve }));
  await expect(heard).resolves.toMatchObject({ message: expect.stringMatching(/subscription.*repair/i) });
  expect(hints).toHaveLength(before);
  await other.close();
});

async function refused(connection: NatsConnection): Promise<string> {
  for await (const status of connection.status()) if (status.type === "error") return status.error.message;
  return "closed";
}

/** A gap that is there for less than it takes to be lasting; another try where this machine was too slow for it. */
async function closedInTime(): Promise<string> {
  for (;;) {
    const session = randomUUID();
    const began = Date.now();
    await record(session, [0, 2]);
    await record(session, [1]);
    if (Date.now() - began < LASTING_MS) return session;
  }
}
