import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { decodeMessage, type StreamedBatch } from "#protocol/message.ts";
import { SUBJECT_RRWEB } from "#protocol/subject.ts";
import { readSettings } from "../env.ts";
import { envelopeOf, frameOf, inFreshObject, openStream, SOON, steer } from "../test/edge.ts";
import { Connection } from "./connection.ts";
import { Drain } from "./drain.ts";
import { Group } from "./group.ts";
import type { PublishOutcome } from "./interface.ts";
import { Spool, type SpooledUnit } from "./spool.ts";

const BUDGET_MS = 500;
type Stream = Awaited<ReturnType<typeof openStream>>;

/** Publishes each as a request of its own. */
type Publish = (batch: StreamedBatch) => Promise<PublishOutcome>;

interface Parts {
  /** Opened in the object: a socket is of no use outside of the context that opened it. */
  stream: Stream;
  connection: Connection;
  spool: Spool;
  group: Group;
  publish: Publish;
  drain: Drain;
  /** How many batches each late PubAck was for. */
  late: number[];
}

/** The relay's parts with a short budget, and no alarm: each test drains when it wants to. */
function withParts(run: (parts: Parts) => Promise<void>, { budgetMs = BUDGET_MS, spoolBytes = 100_000_000 } = {}) {
  const settings = readSettings(env);
  return inFreshObject(async ({ storage }) => {
    const connection = new Connection({
      url: settings.NATS_WS_URL,
      user: settings.NATS_USER,
      password: settings.NATS_PASSWORD,
      name: "test",
      budgetMs,
      patienceMs: 20_000,
      pingMs: 10_000,
      idleMs: 60_000,
    });
    const spool = new Spool(storage, spoolBytes);
    const late: number[] = [];
    const group = new Group(
      SUBJECT_RRWEB,
      connection,
      {
        spool(frames, reason) {
          return spool.add(SUBJECT_RRWEB, frames, Date.now()).map((place) => ({
            outcome: place ? { kind: "spooled", reason } : { kind: "not_durable", reason: "spool_full" },
            place,
          }));
        },
        hold: (place) => spool.hold(place),
        release: (place) => spool.release(place),
        remove(place, batches) {
          late.push(batches);
          spool.remove(place);
        },
      },
      budgetMs,
    );
    const publish: Publish = async (batch) => {
      const [outcome] = await group.publish([frameOf(batch)]);
      return outcome as PublishOutcome;
    };
    const stream = await openStream();
    await connection.isConnected();
    try {
      await run({ stream, connection, spool, group, publish, drain: new Drain(connection, spool, () => {}), late });
    } finally {
      await connection.close();
      await stream.close();
    }
  });
}

let next = 0;
function batchOf(bytes = 100): StreamedBatch {
  return { envelope: envelopeOf({ seq: next++ }), body: new Uint8Array(bytes) };
}

async function delayed(pubAckDelayMs: number, run: () => Promise<void>): Promise<void> {
  await steer({ pubAckDelayMs });
  try {
    await run();
  } finally {
    await steer({ pubAckDelayMs: 0 });
  }
}

/** The messages after `seq`: the batches' numbers in each, and its bytes. */
async function messagesAfter(stream: Stream, seq: number): Promise<{ seqs: number[]; bytes: number }[]> {
  const messages: { seqs: number[]; bytes: number }[] = [];
  for (let at = seq + 1; at <= (await stream.lastSeq()); at++) {
    const { data = new Uint8Array() } = (await stream.manager.streams.getMessage("EVENTS", { seq: at })) ?? {};
    const message = decodeMessage(data);
    if (!message.ok) throw new Error(message.reason);
    const seqs = message.batches.map((batch) => (batch.ok ? batch.envelope.seq : -1));
    messages.push({ seqs, bytes: data.byteLength });
  }
  return messages;
}

/** Late PubAcks come in, and what they remove leaves in chunks. */
async function expectEmpty(spool: Spool): Promise<void> {
  const left = () => {
    spool.flush();
    return spool.batches;
  };
  await expect.poll(left, SOON).toBe(0);
}

const PATIENT = { budgetMs: 10_000 };
/** Short enough to be passed three times over, and long enough for a PubAck on a busy machine. */
const PROBE_BUDGET_MS = 1_200;
const PROBED = { budgetMs: PROBE_BUDGET_MS };

describe("what waits while a publish is under way", () => {
  it("goes out next, together, and each batch learns of its own place in the stream", () =>
    withParts(async ({ stream, publish }) => {
      const before = await stream.lastSeq();
      const batches = Array.from({ length: 200 }, () => batchOf());
      const outcomes = await Promise.all(batches.map((batch) => publish(batch)));
      const messages = await messagesAfter(stream, before);
      expect(messages.length).toBeLessThanOrEqual(4);
      expect(messages.flatMap(({ seqs }) => seqs).sort((a, b) => a - b)).toEqual(
        batches.map(({ envelope }) => envelope.seq),
      );
      outcomes.forEach((outcome, i) => {
        const seq = batches[i]?.envelope.seq ?? -1;
        const message = messages.findIndex(({ seqs }) => seqs.includes(seq));
        expect(outcome).toEqual({ kind: "acked", stream: "EVENTS", seq: before + 1 + message });
      });
    }, PATIENT));

  it("may come several in a request, each with an outcome of its own in their order", () =>
    withParts(async ({ stream, group }) => {
      const before = await stream.lastSeq();
      const parcels = [3, 1, 5].map((count) => Array.from({ length: count }, () => batchOf()));
      const outcomes = await Promise.all(parcels.map((batches) => group.publish(batches.map(frameOf))));
      expect(outcomes.map((all) => all.map(({ kind }) => kind))).toEqual(parcels.map((all) => all.map(() => "acked")));
      const seqs = (await messagesAfter(stream, before)).flatMap(({ seqs }) => seqs);
      expect(seqs.sort((a, b) => a - b)).toEqual(parcels.flat().map(({ envelope }) => envelope.seq));
    }, PATIENT));

  it("is at most 1 MiB, and a batch above 256 KiB goes alone", () =>
    withParts(async ({ stream, publish }) => {
      const before = await stream.lastSeq();
      const sizes = [1, 1, ...Array.from({ length: 12 }, () => 200_000), 300_000, 1, 2_000_000, 1];
      const batches = sizes.map((bytes) => batchOf(bytes));
      const outcomes = await Promise.all(batches.map((batch) => publish(batch)));
      expect([...new Set(outcomes.map(({ kind }) => kind))]).toEqual(["acked"]);
      const messages = await messagesAfter(stream, before);
      for (const { seqs, bytes } of messages) if (seqs.length > 1) expect(bytes).toBeLessThanOrEqual(1024 * 1024);
      const large = batches.filter(({ body }) => body.byteLength > 256 * 1024).map(({ envelope }) => envelope.seq);
      for (const seq of large)
        expect(messages.filter(({ seqs }) => seqs.includes(seq))).toMatchObject([{ seqs: [seq] }]);
    }, PATIENT));

  it("has outcomes of its own where the group fails: spooled while there is room, refused after that", () =>
    withParts(
      async ({ stream, publish, spool }) => {
        const { config } = await stream.manager.streams.info("EVENTS");
        await stream.manager.streams.update("EVENTS", { max_bytes: 1 });
        const outcomes = await Promise.all(Array.from({ length: 20 }, () => publish(batchOf(500))));
        await stream.manager.streams.update("EVENTS", { max_bytes: config.max_bytes });
        const kinds = outcomes.map(({ kind }) => kind);
        expect(kinds.filter((kind) => kind === "spooled")).toHaveLength(spool.batches);
        expect(kinds.filter((kind) => kind === "not_durable")).toHaveLength(20 - spool.batches);
        expect(spool.batches).toBeGreaterThan(0);
        expect(spool.batches).toBeLessThan(20);
      },
      { ...PATIENT, spoolBytes: 5_000 },
    ));
});

describe("a PubAck that comes late", () => {
  it("removes the batch from the spool, which was not published a second time meanwhile", () =>
    withParts(async ({ stream, publish, spool, drain, late }) => {
      const before = await stream.lastSeq();
      await delayed(6 * BUDGET_MS, async () => {
        const batch = batchOf();
        expect(await publish(batch)).toEqual({ kind: "spooled", reason: "timeout" });
        expect(spool.batches).toBe(1);
        // Its publish is still under way: there is nothing to drain.
        expect(await drain.run(Date.now() + 10_000)).toBe(false);
        await expectEmpty(spool);
        expect(late).toEqual([1]);
        expect(await messagesAfter(stream, before)).toMatchObject([{ seqs: [batch.envelope.seq] }]);
      });
    }));

  it("that never comes leaves the batch to the drain", () =>
    withParts(async ({ stream, publish, spool, drain, connection }) => {
      const before = await stream.lastSeq();
      const batch = batchOf();
      await steer({ nats: "freeze" });
      try {
        expect(await publish(batch)).toMatchObject({ kind: "spooled" });
        await expect.poll(() => connection.isOpen, SOON).toBe(false);
      } finally {
        await steer({ nats: "thaw" });
      }
      await expect.poll(() => drain.run(Date.now() + 10_000), SOON).toBe(true);
      expect(spool.batches).toBe(0);
      // Frozen, the server had it in its socket: both copies are there, and the core folds them.
      const seqs = (await messagesAfter(stream, before)).flatMap(({ seqs }) => seqs);
      expect(new Set(seqs)).toEqual(new Set([batch.envelope.seq]));
    }));
});

describe("what was moved aside", () => {
  it("keeps nothing else back, however it fails when it is tried again", () =>
    withParts(async ({ stream, spool, drain }) => {
      const before = await stream.lastSeq();
      const [stuck, other] = [batchOf(), batchOf()];
      spool.add("a.subject.that.is.refused", [frameOf(stuck)], Date.now());
      spool.setAside(spool.read(0, 1_000_000, 1_000_000)[0] as SpooledUnit, "refused", Date.now());
      spool.add(SUBJECT_RRWEB, [frameOf(other)], Date.now());
      expect(await drain.run(Date.now() + 10_000)).toBe(false);
      expect([spool.batches, spool.stuck]).toEqual([0, 1]);
      expect(await messagesAfter(stream, before)).toMatchObject([{ seqs: [other.envelope.seq] }]);
    }));
});

describe("a server whose PubAcks are late, one after the other", () => {
  it("gets single messages to show that it has recovered, while batches are spooled at once", () =>
    withParts(async ({ stream, publish, spool, drain, connection }) => {
      const before = await stream.lastSeq();
      const batches: StreamedBatch[] = [];
      const publishNext = () => {
        batches.push(batchOf());
        return publish(batches.at(-1) as StreamedBatch);
      };
      await delayed(1.5 * PROBE_BUDGET_MS, async () => {
        for (let i = 0; i < 3; i++) expect(await publishNext()).toEqual({ kind: "spooled", reason: "timeout" });
        await expect.poll(() => connection.isSlow, SOON).toBe(true);
        for (let i = 0; i < 50; i++) expect(await publishNext()).toEqual({ kind: "spooled", reason: "server_slow" });
        // A probe: it is late as well, and what it carried is gone from the spool all the same.
        await drain.run(Date.now() + 1);
        expect(connection.isSlow).toBe(true);
      });
      await publishNext();
      await drain.run(Date.now() + 10_000);
      expect(connection.isSlow).toBe(false);
      expect(await publishNext()).toMatchObject({ kind: "acked" });
      await expectEmpty(spool);
      const seqs = (await messagesAfter(stream, before)).flatMap(({ seqs }) => seqs);
      // Each of them once: slow is no reason to send anything twice.
      expect(seqs.sort((a, b) => a - b)).toEqual(batches.map(({ envelope }) => envelope.seq));
    }, PROBED));
});
