/**
 * How a lot comes to its end. In company first; what an engine will not take though it answers is taken apart, and each
 * message tried alone, in the end each batch of it by itself (suspects.ts).
 */
import { decodeMessage } from "#protocol/message.ts";
import { type Arrival, condemn, decode, isUnopened, type Unopened, weightOf } from "./arrivals.ts";
import { type Delivery, isSuspect } from "./consume.ts";
import { type Pipeline, passStages, pause, Refused, untilAnswered } from "./pass-stages.ts";
import { type Suspects, TRIES_IN_COMPANY } from "./suspects.ts";
import type { Dead } from "./verdict.ts";

/** A batch is late by itself where a neighbour of its weight takes so many times less. */
const LATE_TIMES = 10;

/**
 * In company first. What fails there without an outage is found by trying each message alone.
 * @param before settled when all lots before are: a message may have begun in one of them
 */
export async function settle(
  lot: readonly (Arrival | Unopened)[],
  suspects: Suspects,
  pipeline: Pipeline,
  before: Promise<void>,
): Promise<void> {
  const arrivals = lot.filter((arrival): arrival is Arrival => !isUnopened(arrival));
  const [first] = arrivals;
  if (first && isSuspect(first.delivery)) {
    await before;
    await settleAlone(arrivals, first.delivery, suspects, pipeline);
  } else if (first) await settleInCompany(arrivals, suspects, pipeline, before);
  await before;
  for (const { delivery, batches } of lot.filter(isUnopened)) {
    await settleApart(delivery, [...batches.keys()], suspects, pipeline);
  }
}

async function settleInCompany(
  lot: readonly Arrival[],
  suspects: Suspects,
  pipeline: Pipeline,
  before: Promise<void>,
): Promise<void> {
  try {
    await passStages(lot, pipeline, { tries: TRIES_IN_COMPANY }, before);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    await before;
    for (const [delivery, arrivals] of Map.groupBy(lot, ({ delivery }) => delivery)) {
      if (await beginTry(delivery, suspects, pipeline))
        await settleApart(delivery, placesOf(arrivals), suspects, pipeline);
      else await settleAlone(arrivals, delivery, suspects, pipeline);
    }
  }
}

/** A message, or a part of a large one, whose try has begun. */
async function settleAlone(
  arrivals: readonly Arrival[],
  delivery: Delivery,
  suspects: Suspects,
  pipeline: Pipeline,
): Promise<void> {
  do {
    try {
      await passStages(arrivals, pipeline, { tries: 1, away: () => suspects.forgive(delivery) });
      if (arrivals.at(-1)?.last) await suspects.settled(delivery);
      return;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      await pause(pipeline);
    }
  } while (!(await beginTry(delivery, suspects, pipeline)));
  await settleApart(delivery, placesOf(arrivals), suspects, pipeline);
}

/**
 * Batches of a message by themselves, in rounds: what is found dead is dead alone. None is looked into before its try is
 * written down, and the one before is through: a worker that dies has died of this one.
 */
async function settleApart(
  delivery: Delivery,
  places: readonly number[],
  suspects: Suspects,
  pipeline: Pipeline,
): Promise<void> {
  const message = decodeMessage(delivery.data);
  const batches = message.ok ? message.batches : [];
  const whys = new Map<number, string>();
  const through: Arrival[] = [];
  for (let left = places; left.length > 0; ) {
    const refused: number[] = [];
    for (const place of left) {
      const batch = batches[place];
      if (!batch) continue;
      const sentence = await beginBatch(delivery, place, suspects, pipeline);
      const found = sentence ? condemn(batch, delivery, withWhy(sentence, whys.get(place))) : decode(batch, delivery);
      const arrival = { delivery, place, last: false, found };
      const began = performance.now();
      try {
        await passStages([arrival], pipeline, { tries: 1, away: () => suspects.forgive(delivery, place) });
        if (sentence) continue;
        await suspects.loaded(delivery, place);
        through.push(arrival);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        whys.set(place, error.held.why);
        refused.push(place);
        const late = { arrival, tookMs: performance.now() - began, table: error.held.table };
        if (!error.held.isLate || (await isLateAlone(late, through, pipeline))) continue;
        await suspects.forgive(delivery, place);
        pipeline.waiting(error.stage, error.held);
      }
    }
    left = refused;
    if (left.length > 0) await pause(pipeline);
  }
  if (places.at(-1) !== batches.length - 1) return; // the rest of the message is in later lots
  await pipeline.acknowledge([delivery]);
  await suspects.settled(delivery);
}

/**
 * Whether a batch that was not done in time has itself to blame. A slow engine answers plain questions and takes small
 * inserts, so only a like insert right after tells: the heaviest neighbour is loaded again, which folds. It is one of the
 * same message, since that is not acknowledged yet: no deletion has looked for its rows for the last time.
 *
 * @param through batches of its message that passed
 */
async function isLateAlone(
  { arrival, tookMs, table }: { arrival: Arrival; tookMs: number; table: string | undefined },
  through: readonly Arrival[],
  pipeline: Pipeline,
): Promise<boolean> {
  const [heaviest] = through.toSorted((a, b) => weightOf(b) - weightOf(a));
  if (!heaviest) return false;
  const began = performance.now();
  try {
    const tables = await passStages([heaviest], pipeline, { tries: 1 });
    // What is deleted or dead by now went nowhere, and what has no rows of that kind says nothing of the table.
    if (tables.length === 0 || (table !== undefined && !tables.includes(table))) return false;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
  const times = LATE_TIMES * Math.max(1, weightOf(arrival) / weightOf(heaviest));
  return (performance.now() - began) * times <= tookMs;
}

function placesOf(arrivals: readonly Arrival[]): number[] {
  return arrivals.map(({ place }) => place);
}

/** @returns whether its batches are to be tried one by one */
export async function beginTry(delivery: Delivery, suspects: Suspects, pipeline: Pipeline): Promise<boolean> {
  const patience = { tries: Number.POSITIVE_INFINITY };
  return (await untilAnswered("try", pipeline, patience, () => suspects.beginTry(delivery))).apart;
}

async function beginBatch(
  delivery: Delivery,
  place: number,
  suspects: Suspects,
  pipeline: Pipeline,
): Promise<Dead | null> {
  const patience = { tries: Number.POSITIVE_INFINITY };
  return (await untilAnswered("try", pipeline, patience, () => suspects.beginBatch(delivery, place))).sentence;
}

function withWhy(sentence: Dead, why = ""): Dead {
  return why === "" ? sentence : { ...sentence, detail: `${sentence.detail}, the last: ${why}` };
}
