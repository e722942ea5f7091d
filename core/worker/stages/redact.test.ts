import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REDACTED_VALUES_MAX } from "#core/facts/redaction/redact.ts";
import { readAttempts } from "#core/store/clickhouse/batches.ts";
import { VALUES_MAX } from "#protocol/limits.ts";
import { type FreshDatabases, freshDatabases } from "../../../test/support/databases.ts";
import { runMessages } from "../testing/run-messages.ts";
import { custom, event, messageOf, type Sealed, sealed, sealedCustom } from "../testing/sealed.ts";
import { tablesWith } from "../testing/stored-text.ts";

const CARD = "4111 1111 1111 1111";
const PLAIN = "5555555555554444";
const LUHN_TIME = "1732534567893";

let databases: FreshDatabases;
beforeAll(async () => {
  databases = await freshDatabases();
  await databases.sql`INSERT INTO projects (id, name) VALUES (1, 'Test shop'), (2, 'Other shop')`;
});
afterAll(() => databases.drop());

const load = (...batches: Sealed[]) => runMessages(databases, [messageOf(...batches)]);

async function payloads(session_id: string): Promise<string[]> {
  const result = await databases.clickhouse.query({
    query: `SELECT payload FROM events_rrweb WHERE session_id = {id: UUID}
      ORDER BY seq, idx, version DESC LIMIT 1 BY seq, idx`,
    query_params: { id: session_id },
    format: "JSONEachRow",
  });
  return (await result.json<{ payload: string }>()).map(({ payload }) => payload);
}

/** A real recording, with secrets wherever a page may show one. */
function plantedRecording(): string[] {
  const sent = gunzipSync(readFileSync(new URL("../../../test/recordings/api-explorer.json.gz", import.meta.url)));
  let planted = 0;
  const plant = (name: string, value: unknown): unknown => {
    if (name === "textContent" && typeof value === "string" && value.length > 3 && !value.includes("{")) {
      planted++;
      return planted % 3 === 0 ? `${value} ${CARD}` : `${value} (${PLAIN}) ${LUHN_TIME}`;
    }
    if (["title", "alt", "placeholder", "aria-label", "href"].includes(name) && typeof value === "string") {
      return `${value}?card=${PLAIN}`;
    }
    return value;
  };
  const events = JSON.parse(sent.toString(), plant) as object[];
  expect(planted).toBeGreaterThan(50);
  const more = [
    event(1, 5, {
      tag: "rrhog.navigation",
      payload: { href: `https://shop.test/${PLAIN}`, title: CARD, kind: "push" },
    }),
    event(2, 5, { tag: "rrhog.click", payload: { id: 1, tag: "button", selector: "button", text: `Pay ${CARD}` } }),
    event(3, 5, { tag: "rrhog.error", payload: { kind: "error", name: "Error", message: CARD, stack: `at ${PLAIN}` } }),
    event(4, 5, { tag: "rrhog.track", payload: { name: "paid", properties: { card: CARD } } }),
    event(5, 6, { plugin: "rrweb/console@1", payload: { level: "error", trace: [PLAIN], payload: [`"${CARD}"`] } }),
    event(6, 6, {
      plugin: "rrweb/network@1",
      payload: { requests: [{ url: `/pay?card=4111%201111%201111%201111`, body: `{"pan":${PLAIN}}` }] },
    }),
    event(7, 3, { source: 5, text: CARD, isChecked: false, id: 9 }),
    event(8, 3, { source: 0, texts: [{ id: 9, value: CARD }], attributes: [{ id: 9, attributes: { value: PLAIN } }] }),
    event(9, 4, { href: `https://shop.test/?c=${PLAIN}`, width: 800, height: 600 }),
  ];
  return [...events, ...more].map((one) => JSON.stringify(one));
}

describe("secrets in a recording", () => {
  const session_id = randomUUID();

  it("are in no table, wherever they were", async () => {
    const url = `https://shop.test/pay?card=${PLAIN}`;
    await load(
      sealed(`[${plantedRecording().join(",")}]`, { session_id, url, user: { id: "ada", note: CARD } }),
      sealedCustom([custom(1, "paid", { url, props: { card: CARD, deep: [{ pan: PLAIN }], at: LUHN_TIME } })], {
        session_id,
      }),
    );
    expect((await payloads(session_id)).length).toBeGreaterThan(400);
    for (const secret of [CARD, PLAIN, "4111%201111%201111%201111"])
      expect(await tablesWith(databases, secret)).toEqual([]);
    expect(await tablesWith(databases, "**** **** **** ****")).toEqual(
      expect.arrayContaining(["clickhouse.batches", "clickhouse.events", "clickhouse.events_rrweb"]),
    );
    expect(await tablesWith(databases, "****************")).toContain("postgres.sessions_meta");
  });

  it("take no time along, though its digits check", async () => {
    expect(await tablesWith(databases, LUHN_TIME)).toEqual(["clickhouse.events", "clickhouse.events_rrweb"]);
  });

  it("leave every other event as it was sent, byte for byte", async () => {
    const sent = plantedRecording();
    const stored = await payloads(session_id);
    const touched = stored.filter((payload) => payload.includes("****")).length;
    expect(stored.filter((payload, i) => payload === sent[i])).toHaveLength(sent.length - touched);
    expect(stored.map((payload) => payload.replaceAll(/[0-9*]/g, ""))).toEqual(
      sent.map((payload) => payload.replaceAll(/[0-9*]/g, "")),
    );
  });
});

it("secrets are in no table either where an event has too many values for more than its tag", async () => {
  const session_id = randomUUID();
  const tag = "4012 8888 8888 1881";
  const payload = [tag, Array(VALUES_MAX).fill(1)];
  await load(sealed([event(1, 5, { tag, payload }), event(2, 5, { tag: "t", payload: tag })], { session_id }));
  expect(await payloads(session_id)).toHaveLength(2);
  expect(await tablesWith(databases, tag)).toEqual([]);
});

it("a recording that has too much to look through is a dead letter: nothing of it is in a table", async () => {
  const session_id = randomUUID();
  const secret = "4000 0566 5566 5556";
  const payload = JSON.stringify([secret, ...Array(REDACTED_VALUES_MAX).fill([])]);
  await load(sealed(`[{"type":5,"timestamp":1,"data":{"payload":${payload}}}]`, { session_id }));
  expect(await payloads(session_id)).toEqual([]);
  expect(await tablesWith(databases, secret)).toEqual([]);
  const letters = await databases.sql`SELECT reason FROM dead_letters WHERE session_id = ${session_id}`;
  expect(letters).toEqual([{ reason: `redact_too_large: over ${REDACTED_VALUES_MAX} values` }]);
});

describe("a project's rules", () => {
  const secret = "ada@shop.test";
  const batch = (session_id: string, project_id = 1) =>
    sealed([event(1, 5, { tag: "t", payload: `${secret} and ${CARD}` })], { session_id, project_id });
  const change = (version: number, rules: Record<string, boolean | string>) =>
    databases.sql`INSERT INTO redaction_rules (project_id, version, rules) VALUES (1, ${version}, ${databases.sql.json(rules)})`;
  const textOf = async (session_id: string) =>
    (JSON.parse((await payloads(session_id))[0] ?? "") as { data: { payload: string } }).data.payload;

  it("count from the next lot on, are no other project's, and are not undone by a late copy of what came before", async () => {
    const [first, other] = [randomUUID(), randomUUID()];
    await load(batch(first), batch(other, 2));
    expect(await textOf(first)).toBe(`${secret} and **** **** **** ****`);
    await change(2, { cards: true, emails: true });
    await load(batch(first), batch(other, 2));
    expect(await textOf(first)).toBe("************* and **** **** **** ****");
    expect(await textOf(other)).toBe(`${secret} and **** **** **** ****`);
    const [attempt] = await readAttempts(databases.clickhouse, [{ project_id: 1, session_id: first }]);
    expect(attempt).toMatchObject({ version: 2 });
  });

  it("may be none at all", async () => {
    const session = randomUUID();
    await change(3, { cards: false });
    await load(batch(session));
    expect(await textOf(session)).toBe(`${secret} and ${CARD}`);
  });

  it("are all of them, where nobody can read what they are", async () => {
    const session = randomUUID();
    await change(4, { cards: "perhaps" });
    await load(batch(session));
    expect(await textOf(session)).toBe("************* and **** **** **** ****");
  });
});
