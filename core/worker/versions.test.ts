/**
 * Messages of other versions, by the samples that edge/test/samples/ keeps: what earlier edges sent is loaded, what later
 * ones may send is loaded or kept whole. docs/versions.md says what follows from that.
 */
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { readAttempts } from "#core/store/clickhouse/batches.ts";
import { joinFrames, splitFrames } from "#protocol/message.ts";
import { type FreshDatabases, freshDatabases } from "../../test/support/databases.ts";
import { runMessages } from "./testing/run-messages.ts";

const SAMPLES = new URL("../../edge/test/samples/messages/", import.meta.url);

const Expected = z.object({
  batches: z
    .array(
      z.object({
        session_id: z.string(),
        batch_id: z.string(),
        format: z.string(),
        events: z.array(z.string()),
        dead: z.string().optional(),
      }),
    )
    .default([]),
});
type ExpectedBatch = z.infer<typeof Expected>["batches"][number];

const sample = (name: string): Uint8Array => readFileSync(new URL(`${name}.bin`, SAMPLES));
const expectedOf = (name: string): ExpectedBatch[] =>
  Expected.parse(JSON.parse(readFileSync(new URL(`${name}.json`, SAMPLES), "utf8"))).batches;
const NAMES = readdirSync(SAMPLES)
  .filter((file) => file.endsWith(".bin"))
  .map((file) => file.slice(0, -".bin".length));

let databases: FreshDatabases;
beforeAll(async () => {
  databases = await freshDatabases();
  await databases.sql`INSERT INTO projects (id, name) VALUES (1, 'Test shop')`;
  // The samples are older every day, and are to be read for longer than any project keeps data.
  for (const table of ["events_rrweb", "batches", "events"]) {
    await databases.clickhouse.command({ query: `ALTER TABLE ${table} REMOVE TTL` });
  }
  expect(await runMessages(databases, NAMES.map(sample))).toBe(NAMES.length);
});
afterAll(() => databases.drop());

async function rows<Row>(query: string, batchId: string): Promise<Row[]> {
  const result = await databases.clickhouse.query({ query, query_params: { id: batchId }, format: "JSONEachRow" });
  return result.json<Row>();
}

/** The batch's events as they are stored. */
async function stored({ batch_id, format }: ExpectedBatch): Promise<unknown[]> {
  if (format !== "analytics") {
    const found = await rows<{ payload: string }>(
      "SELECT payload FROM events_rrweb WHERE batch_id = {id: UUID} ORDER BY idx",
      batch_id,
    );
    return found.map(({ payload }) => JSON.parse(payload));
  }
  const found = await rows<{ name: string; ts: number; url: string; props: object }>(
    `SELECT event_name AS name, toUnixTimestamp64Milli(e.ts) AS ts, url, props
      FROM events AS e WHERE batch_id = {id: UUID} AND NOT startsWith(event_name, '$') ORDER BY idx`,
    batch_id,
  );
  return found.map(({ name, ts, url, props }) => ({
    name,
    ts,
    ...(url && { url }),
    ...(Object.keys(props).length > 0 && { props }),
  }));
}

const letters = () =>
  databases.sql<{ reason: string; envelope: string | null; body: Buffer; batch_id: string | null }[]>`
    SELECT reason, envelope, body, batch_id FROM dead_letters ORDER BY id`;

/** What the edge sent of a letter's batch, or the whole message: what is driven again. */
function driven({ envelope, body }: { envelope: string | null; body: Buffer }): Uint8Array {
  if (envelope === null) return body;
  const text = Buffer.from(envelope);
  return joinFrames(1, [u32(text.byteLength), text, u32(body.byteLength), body]);
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

describe("each batch of a message is stored as it was sent, unless it cannot be read", () => {
  it.each(NAMES)("%s", async (name) => {
    for (const batch of expectedOf(name)) {
      expect(await stored(batch)).toEqual(batch.dead ? [] : batch.events.map((event) => JSON.parse(event)));
    }
  });
});

describe("a dead letter of a version to come", () => {
  it("is each batch that cannot be read, with its reason, and none other", async () => {
    const expected = NAMES.flatMap(expectedOf).flatMap(({ dead }) => dead ?? []);
    const reasons = (await letters()).map(({ reason }) => reason.split(":", 1)[0]);
    expect(reasons.toSorted()).toEqual([...expected, "message_version_unknown"].toSorted());
  });

  it("holds a message of an unknown version byte for byte", async () => {
    const [letter] = (await letters()).filter(({ reason }) => reason === "message_version_unknown: 2");
    expect(letter && driven(letter)).toEqual(Buffer.from(sample("next-message")));
  });

  it.each([
    ["next-format", 1],
    ["next-encoding", 0],
  ])("holds the batch of %s as it came, so that a core that knows it can be given it", async (name, place) => {
    const frame = splitFrames(sample(name))?.[place];
    if (!frame) throw new Error("no such frame");
    const whole = joinFrames(1, [frame.head, frame.body]);
    const found = (await letters()).map(driven).filter((message) => Buffer.compare(message, whole) === 0);
    expect(found).toHaveLength(1);
  });

  it("keeps members that are not known yet, also where the envelope could be read", async () => {
    const [batch] = expectedOf("next-members-cut");
    const [letter] = (await letters()).filter(({ batch_id }) => batch_id === batch?.batch_id);
    expect(JSON.parse(letter?.envelope ?? "null")).toMatchObject({
      v: 2,
      sealed_by: { recorder: "next", build: [1, 2] },
      dropped: [{ from: 1, to: 2, reason: "quota", bytes: 1_234 }],
    });
  });

  it("is loaded when it is driven again and nothing stands in its way any more", async () => {
    const [batch] = expectedOf("first-gzip");
    const [frame] = splitFrames(sample("first-gzip")) ?? [];
    if (!batch || !frame) throw new Error("no such batch");
    const fresh = await freshDatabases();
    try {
      await runMessages(fresh, [joinFrames(1, [frame.head, frame.body])]);
      const [letter] = await fresh.sql<
        { envelope: string; body: Buffer; reason: string }[]
      >`SELECT * FROM dead_letters`;
      expect(letter?.reason).toMatch(/^project_gone/);
      await fresh.sql`INSERT INTO projects (id, name) VALUES (1, 'Test shop')`;
      await runMessages(fresh, letter ? [driven(letter)] : []);
      const attempts = await readAttempts(fresh.clickhouse, [{ project_id: 1, session_id: batch.session_id }]);
      expect(attempts).toMatchObject([{ batch_id: batch.batch_id, event_count: 1, is_end: true }]);
    } finally {
      await fresh.drop();
    }
  });
});

describe("what an envelope says", () => {
  const attemptOf = async (name: string) => {
    const keys = expectedOf(name).map(({ session_id }) => ({ project_id: 1, session_id }));
    return readAttempts(databases.clickhouse, keys);
  };

  it("is read from a recorder that knows no windows and numbers nothing", async () => {
    expect(await attemptOf("0.1-body-bare")).toMatchObject([{ window_id: "", seq: 0, sealed_through: null }]);
    expect(await attemptOf("0.1-body-card")).toMatchObject([
      { window_id: "", seq: 3, url: "https://shop.test/cart?a=1", user_id: "42", user_email: "ada@shop.test" },
    ]);
  });

  it("is read where a later edge says more", async () => {
    expect(await attemptOf("next-members")).toMatchObject([
      { window_id: "w1", dropped: [{ from: 1, to: 2, reason: "quota" }] },
      { window_id: "w1", dropped: [{ from: 1, to: 2, reason: "quota" }] },
    ]);
  });

  it("makes the session of an rrweb 1 recorder, its page and its snapshot", async () => {
    const [attempt] = await attemptOf("0.1-body-rrweb-1");
    expect(attempt).toMatchObject({ event_count: 9, full_snapshot_idx: [3] });
    const [listed] = await databases.sql`
      SELECT pageview_count, first_url FROM sessions_meta WHERE session_id = ${attempt?.session_id ?? null}`;
    expect(listed).toEqual({ pageview_count: 1, first_url: "https://old.test/" });
  });
});
