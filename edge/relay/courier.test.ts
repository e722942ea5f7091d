import { expect, it } from "vitest";
import type { Frame } from "#protocol/message.ts";
import { batch, giveKey, KEY, openStream, post } from "../test/edge.ts";
import { type Call, Courier } from "./courier.ts";
import type { PublishOutcome } from "./interface.ts";
import { MUCH_BATCHES, type Supply } from "./line.ts";

const BUDGET_MS = 1_000;
const frameOf = (bytes = 10): Frame => ({ head: new Uint8Array(4), body: new Uint8Array(bytes) });
const acked = (seq: number): PublishOutcome => ({ kind: "acked", stream: "EVENTS", seq });
const defer = () => {};

/** A relay whose calls are answered when the test says so. */
function relay() {
  const calls: { frames: readonly Frame[]; answer: (outcomes: PublishOutcome[]) => void; supply: Supply }[] = [];
  const call: Call = (supply) =>
    new Promise<void>((done) => {
      const { first } = supply;
      const answer = (outcomes: PublishOutcome[]) => {
        supply.settle(first, outcomes);
        done();
      };
      calls.push({ frames: first.frames, answer, supply });
    });
  return { calls, call };
}

const turn = () => scheduler.wait(1);

it("brings the first at once, what comes meanwhile next and together, and each its own outcome", async () => {
  const courier = new Courier(BUDGET_MS, true);
  const { calls, call } = relay();
  const outcomes = [1, 2, 3, 4].map(() => courier.deliver("line", frameOf(), call, defer));
  expect(calls.map(({ frames }) => frames.length)).toEqual([1]);
  calls[0]?.answer([acked(1)]);
  await turn();
  expect(calls.map(({ frames }) => frames.length)).toEqual([1, 3]);
  calls[1]?.answer([acked(2), { kind: "spooled", reason: "timeout" }, acked(4)]);
  expect(await Promise.all(outcomes)).toEqual([acked(1), acked(2), { kind: "spooled", reason: "timeout" }, acked(4)]);
  // Nothing waits: the next one leads again.
  void courier.deliver("line", frameOf(), call, defer);
  expect(calls).toHaveLength(3);
});

it("takes one outcome for all of them, and too few for none", async () => {
  const courier = new Courier(BUDGET_MS, true);
  const { calls, call } = relay();
  const outcomes = [1, 2, 3, 4].map(() => courier.deliver("line", frameOf(), call, defer));
  calls[0]?.answer([acked(1)]);
  await turn();
  calls[1]?.answer([acked(2)]);
  expect(await Promise.all(outcomes)).toEqual([acked(1), acked(2), acked(2), acked(2)]);

  const others = [1, 2, 3, 4].map(() => courier.deliver("line", frameOf(), call, defer));
  calls[2]?.answer([acked(3)]);
  await turn();
  calls[3]?.answer([acked(4), acked(5)]);
  expect((await Promise.all(others)).map(({ kind }) => kind)).toEqual(["acked", "acked", "acked", "not_durable"]);
});

it("keeps a call within 1 MiB, and lets a large batch go by itself", async () => {
  const courier = new Courier(BUDGET_MS, true);
  const { calls, call } = relay();
  void courier.deliver("line", frameOf(), call, defer);
  void courier.deliver("line", frameOf(300_000), call, defer);
  for (let i = 0; i < 5; i++) void courier.deliver("line", frameOf(250_000), call, defer);
  // The first, the large one, and what no longer fits into the load that is being collected.
  expect(calls.map(({ frames }) => frames.length)).toEqual([1, 1, 1]);
  calls[0]?.answer([acked(1)]);
  await turn();
  expect(calls[3]?.frames).toHaveLength(4);
});

it("keeps lines apart", () => {
  const courier = new Courier(BUDGET_MS, true);
  const { calls, call } = relay();
  for (const line of ["one", "other", "third"]) void courier.deliver(line, frameOf(), call, defer);
  expect(calls).toHaveLength(3);
});

it("brings much that waits ahead of the leader, in one call, and the rest goes with the leader's next", async () => {
  const courier = new Courier(BUDGET_MS, true);
  const { calls, call } = relay();
  const outcomes = Array.from({ length: 30 }, () => courier.deliver("line", frameOf(), call, defer));
  expect(calls.map(({ frames }) => frames.length)).toEqual([1, 20]);
  calls[1]?.answer([acked(2)]);
  expect(await Promise.all(outcomes.slice(1, 21))).toEqual(outcomes.slice(1, 21).map(() => acked(2)));
  calls[0]?.answer([acked(1)]);
  await turn();
  expect(calls.map(({ frames }) => frames.length)).toEqual([1, 20, 9]);
  calls[2]?.answer([acked(3)]);
  expect(await Promise.all(outcomes)).toEqual([
    acked(1),
    ...outcomes.slice(1, 21).map(() => acked(2)),
    ...outcomes.slice(21).map(() => acked(3)),
  ]);
});

it("lets a relay of this isolate take by itself what waits, and tells it what it asked to be told", async () => {
  const courier = new Courier(60_000, true);
  const { calls, call } = relay();
  const deliver = () => courier.deliver("line", frameOf(), call, defer);
  const outcomes = [deliver(), deliver(), deliver()];
  const supply = calls[0]?.supply as Supply;
  supply.begin();
  const more = supply.take(1);
  expect(more?.frames).toHaveLength(2);
  if (more) supply.settle(more, [acked(2), acked(3)]);
  expect(await Promise.all(outcomes.slice(1))).toEqual([acked(2), acked(3)]);

  let told = 0;
  supply.tellAt(MUCH_BATCHES, () => told++);
  while (outcomes.length < 3 + MUCH_BATCHES - 1) outcomes.push(deliver());
  expect(told).toBe(0);
  expect(supply.take(MUCH_BATCHES)).toBeNull();
  outcomes.push(deliver(), deliver());
  expect(told).toBe(1);
  const much = supply.take(MUCH_BATCHES);
  expect(much?.frames).toHaveLength(MUCH_BATCHES + 1);
  // By itself: no other call was made for them.
  expect(calls).toHaveLength(1);
  if (much) supply.settle(much, [acked(4)]);
  calls[0]?.answer([acked(1)]);
  expect(await Promise.all(outcomes)).toEqual([
    ...[acked(1), acked(2), acked(3)],
    ...Array.from({ length: MUCH_BATCHES + 1 }, () => acked(4)),
  ]);
});

it("lets a relay take nothing after the leader's ten seconds; the next request leads", async () => {
  let now = 0;
  const courier = new Courier(60_000, true, () => now);
  const { calls, call } = relay();
  const outcomes = [courier.deliver("line", frameOf(), call, defer), courier.deliver("line", frameOf(), call, defer)];
  calls[0]?.supply.begin();
  now += 10_001;
  expect(calls[0]?.supply.isOver).toBe(true);
  expect(calls[0]?.supply.take(1)).toBeNull();
  calls[0]?.answer([acked(1)]);
  await turn();
  expect(calls.map(({ frames }) => frames.length)).toEqual([1, 1]);
  calls[1]?.answer([acked(2)]);
  expect(await Promise.all(outcomes)).toEqual([acked(1), acked(2)]);
});

it("answers that a batch is not durable where the call failed in which the relay had taken it", async () => {
  const courier = new Courier(60_000, true);
  let fail = () => {};
  let supply: Supply | null = null;
  const call: Call = (given) => {
    supply ??= given;
    return new Promise<void>((done) => {
      fail = done;
    });
  };
  const outcomes = [1, 2, 3].map(() => courier.deliver("line", frameOf(), call, defer));
  const taken = (supply as Supply | null)?.take(1);
  expect(taken?.frames).toHaveLength(2);
  fail();
  for (const outcome of await Promise.all(outcomes)) expect(outcome.kind).toBe("not_durable");
});

it("has each batch go by itself in a runtime that resumes a request in another's context", async () => {
  const courier = new Courier(BUDGET_MS, false);
  const { calls, call } = relay();
  const outcomes = [1, 2, 3].map(() => courier.deliver("line", frameOf(), call, defer));
  expect(calls.map(({ frames }) => frames.length)).toEqual([1, 1, 1]);
  for (const [i, { answer }] of calls.entries()) answer([acked(i + 1)]);
  expect(await Promise.all(outcomes)).toEqual([acked(1), acked(2), acked(3)]);
});

it("answers that a batch is not durable where its leader has gone without a word", async () => {
  const courier = new Courier(-2_900, true);
  const { call } = relay();
  const outcomes = [1, 2].map(() => courier.deliver("line", frameOf(), call, defer));
  for (const outcome of await Promise.all(outcomes)) expect(outcome.kind).toBe("not_durable");
});

it("does not wait for ever for a leader that the platform has ended: the next request leads", async () => {
  let now = 0;
  const courier = new Courier(BUDGET_MS, true, () => now);
  const { calls, call } = relay();
  void courier.deliver("line", frameOf(), call, defer);
  void courier.deliver("line", frameOf(), call, defer);
  now += 2 * BUDGET_MS + 3_001;
  const next = courier.deliver("line", frameOf(), call, defer);
  expect(calls).toHaveLength(2);
  calls[1]?.answer([acked(2)]);
  expect(await next).toEqual(acked(2));
});

it("lets a leader go after ten seconds; who waited for it leads or follows the next, and none is lost", async () => {
  let now = 0;
  const courier = new Courier(60_000, true, () => now);
  const { calls, call } = relay();
  const outcomes = [courier.deliver("line", frameOf(), call, defer)];
  outcomes.push(courier.deliver("line", frameOf(), call, defer), courier.deliver("line", frameOf(), call, defer));
  now += 10_001;
  calls[0]?.answer([acked(1)]);
  await turn();
  expect(calls.map(({ frames }) => frames.length)).toEqual([1, 1]);
  calls[1]?.answer([acked(2)]);
  await turn();
  calls[2]?.answer([acked(3)]);
  expect(await Promise.all(outcomes)).toEqual([acked(1), acked(2), acked(3)]);
});

it("in the Worker: five hundred requests at once get each its own batch's 202", async () => {
  await giveKey(KEY);
  const stream = await openStream();
  const before = await stream.lastSeq();
  const receipts = await Promise.all(
    Array.from({ length: 500 }, async (_, seq) => {
      const response = await post(batch({ seq, window_id: "courier" }));
      expect(response.status).toBe(202);
      return ((await response.json()) as { batch_id: string }).batch_id;
    }),
  );
  const stored = new Map((await stream.batchesAfter(before)).map(({ envelope }) => [envelope.seq, envelope.batch_id]));
  expect(receipts.map((id, seq) => stored.get(seq) === id)).toEqual(receipts.map(() => true));
  await stream.close();
});
