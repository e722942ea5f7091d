import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertRows } from "#core/store/clickhouse/insert.ts";
import { seenTextLine } from "#core/store/clickhouse/seen-text.ts";
import { hashParts } from "#protocol/batch-id.ts";
import type { TestApi } from "../testing/api.ts";
import { load, loadCustom, recordedPage } from "../testing/recording.ts";
import { startSqlApi } from "../testing/sql-api.ts";

const DAY_MS = 86_400_000;
const T0 = Date.now() - 3_600_000;
const MINE = randomUUID();
const DELETED = randomUUID();
const EXPIRED = randomUUID();
const THEIRS = randomUUID();

let api: TestApi;
let owner: Record<string, string>;

/** A session with a row in each of the tables, all of which say its label. */
async function record(projectId: number, sessionId: string, label: string, startedAt = T0): Promise<void> {
  const href = `https://${label}.example/checkout`;
  const payloads = recordedPage(startedAt, { href, label });
  const row = { url: href, user_id: label, release: "1.2.3" };
  await load(api, { projectId, sessionId, windowId: "w", seq: 0, payloads, receivedAt: startedAt, row });
  await loadCustom(api, {
    projectId,
    sessionId,
    windowId: "w",
    receivedAt: startedAt,
    events: [{ name: "bought", ts: startedAt + 50, url: href, props: { label, cents: 1250 } }],
  });
  const text = {
    project_id: projectId,
    session_id: sessionId,
    window_id: "w",
    text_id: hashParts(label),
    ts: startedAt,
    text: `Hello ${label}`,
    received_on: new Date(startedAt).toISOString().slice(0, 10),
    version: 1,
  };
  expect(await insertRows(api.clickhouse, "seen_text", [text], seenTextLine)).toEqual({ ok: true });
}

beforeAll(async () => {
  api = await startSqlApi();
  owner = await api.signIn();
  await record(1, MINE, "mine");
  await record(1, DELETED, "deleted");
  await record(1, EXPIRED, "expired", T0 - 60 * DAY_MS);
  await record(2, THEIRS, "theirs");
  await api.sql`UPDATE projects SET retention_days = 30`;
  await api.sql`INSERT INTO tombstones (project_id, session_id) VALUES (1, ${DELETED})`;
});
afterAll(() => api.drop());

interface Result {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  truncated: boolean;
  statistics: { elapsed_ms: number };
}

async function post(body: unknown, headers = owner, project = 1, init: RequestInit = {}): Promise<Response> {
  return api.request(`/v1/projects/${project}/sql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    ...init,
  });
}

async function rows(query: string, parameters = {}): Promise<unknown[][]> {
  const answer = await post({ query, parameters });
  const body = (await answer.json()) as Result;
  expect(answer.status, `${query}: ${JSON.stringify(body)}`).toBe(200);
  return body.rows;
}

const DOCS = readFileSync(new URL("../../../docs/sql.md", import.meta.url), "utf8");
const EXAMPLES = [...DOCS.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, example = ""]) => example);

test("the examples of docs/sql.md run, and find something where there is something", async () => {
  expect(EXAMPLES.length).toBeGreaterThan(4);
  const found = [];
  for (const example of EXAMPLES) found.push((await rows(example)).length);
  expect(found.filter((count) => count > 0).length).toBeGreaterThan(3);
  expect(await rows(EXAMPLES.find((example) => example.includes("windowFunnel")) ?? "")).toEqual([[1, 1]]);
  const [, asked = ""] = /-d '(.*)'/.exec(DOCS) ?? [];
  expect((await post(JSON.parse(asked))).status).toBe(200);
});

describe("a query", () => {
  test("gives columns with their types, and rows", async () => {
    const answer = await post({
      query: "SELECT event_name, count() AS n FROM events GROUP BY 1 ORDER BY 1 -- all of them",
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      columns: [
        { name: "event_name", type: "LowCardinality(String)" },
        { name: "n", type: "UInt64" },
      ],
      rows: [
        ["$identify", 1],
        ["$pageview", 1],
        ["bought", 1],
      ],
      truncated: false,
      statistics: { elapsed_ms: expect.any(Number) },
    });
  });

  test.each(["events", "batches", "events_rrweb", "seen_text"])(
    "sees of %s what is the project's own, neither deleted nor expired",
    async (table) => {
      const sessions = `SELECT DISTINCT toString(session_id) FROM ${table}`;
      expect(await rows(sessions)).toEqual([[MINE]]);
      const theirs = await post({ query: sessions }, owner, 2);
      expect(theirs.status).toBe(404);
    },
  );

  test("binds parameters, whatever is in them", async () => {
    const hostile = "it's \\ a trap'); DROP TABLE events --";
    expect(
      await rows("SELECT {text: String}, {n: UInt32} + 1, {names: Array(String)}, {nothing: Nullable(String)}", {
        text: hostile,
        n: 1,
        names: ["a'b", "c"],
        nothing: null,
      }),
    ).toEqual([[hostile, 2, ["a'b", "c"], null]]);
  });

  test("sees each row once, at its newest version", async () => {
    await api.clickhouse.command({
      query:
        "INSERT INTO events SELECT * REPLACE (version + 7 AS version, 'https://mine.example/new' AS url) FROM events WHERE project_id = 1 AND event_name = 'bought'",
    });
    expect(await rows("SELECT url FROM events WHERE event_name = 'bought'")).toEqual([["https://mine.example/new"]]);
  });

  test("takes what SQL has: CTEs, joins, unions, windows, JSON, duplicate names", async () => {
    const query = `
      WITH pages AS (SELECT session_id, path FROM events WHERE event_name = '$pageview')
      SELECT p.path, e.props.cents.:Int64 AS cents, row_number() OVER (ORDER BY e.ts) AS n, p.path
      FROM pages AS p JOIN events AS e USING (session_id) WHERE e.event_name = 'bought'
      UNION ALL SELECT 'x', 1, 2, 'y'
;`;
    expect((await rows(query)).toSorted()).toEqual([
      ["/checkout", 1250, 1, "/checkout"],
      ["x", 1, 2, "y"],
    ]);
  });

  test("is cut after 10,000 rows, and says so", async () => {
    const answer = (await (
      await post({ query: "SELECT number FROM numbers(20000) ORDER BY number DESC" })
    ).json()) as Result;
    expect(answer.rows).toHaveLength(10_000);
    expect(answer.rows[0]).toEqual([19_999]);
    expect(answer.truncated).toBe(true);
  });

  test.each([
    ["SELECT nonsense FROM events", "sql_refused", "nonsense"],
    ["SELEKT 1", "sql_refused", "Syntax error"],
    ["SELECT * FROM no_such_table", "sql_refused", "no_such_table"],
    ["SELECT toUInt8(text) FROM seen_text", "sql_refused", "Cannot parse"],
    // Its argument can be a name at which the engine hangs.
    ["SELECT getSubcolumn(props, 'a') FROM events", "sql_refused", "getSubcolumn"],
  ])("%s is told what is wrong with it", async (query, code, words) => {
    const answer = await post({ query });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code, detail: expect.stringContaining(words) });
  });

  test.each([
    {},
    { query: 1 },
    { query: "" },
    { query: "SELECT\0" },
    { query: "SELECT 1", parameters: { "a b": 1 } },
    { query: "SELECT 1", more: 1 },
    [],
  ])("a body of %j is refused", async (body) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "body_malformed", issues: [{ path: expect.any(String) }] });
  });

  test("is for members and up", async () => {
    for (const [role, status] of [
      ["member", 200],
      ["viewer", 403],
    ] as const) {
      await api.sql`UPDATE memberships SET role = ${role}`;
      expect((await post({ query: "SELECT 1" })).status).toBe(status);
    }
    await api.sql`UPDATE memberships SET role = 'owner'`;
    expect((await post({ query: "SELECT 1" }, api.reader)).status).toBe(403);
    expect((await post({ query: "SELECT 1" }, {})).status).toBe(401);
  });
});

/** A file that attacks would make. */
const LOOT = join(tmpdir(), `rrhog-attack-${randomUUID()}`);
const OTHERS_COMMENT = "api.sql days=3000";

/** None of these may give a row of anybody else, change a thing, or reach out. */
const ATTACKS = [
  // other project's rows
  "SELECT * FROM default.events WHERE project_id = 2",
  "SELECT * FROM default.events WHERE 1 OR project_id = 2",
  `SELECT * FROM events_rrweb WHERE session_id = '${THEIRS}'`,
  "SELECT * FROM default.batches UNION ALL SELECT * FROM default.batches WHERE project_id != 1",
  "SELECT (SELECT groupArray(url) FROM default.events WHERE project_id = 2)",
  "WITH x AS (SELECT * FROM default.seen_text WHERE project_id = 2) SELECT * FROM x",
  "SELECT * FROM default.events AS a FULL JOIN events AS b ON a.project_id != b.project_id",
  "SELECT * FROM view(SELECT * FROM events)",
  "SELECT * FROM merge('default', '.*')",
  "SELECT * FROM merge(REGEXP('.*'), 'events')",
  "SELECT * FROM mergeTreeIndex('default', 'events', with_minmax = true)",
  "SELECT * FROM mergeTreeProjection('default', 'events', 'x')",
  "SELECT * FROM mergeTreeTextIndex('default', 'seen_text', 'by_text')",
  "SELECT * FROM loop(events)",
  "SELECT * FROM eval('SELECT * FROM events')",
  "SELECT uniq(project_id), max(project_id), min(session_id) FROM default.events HAVING max(project_id) > 1",
  "SELECT count() FROM events HAVING count() > 3",
  "SELECT * FROM rrhog_sql_2.events",
  "SELECT * FROM rrhog_sql_2.events_rrweb, default.batches",
  "SELECT currentDatabase(), * FROM default.events",
  // told by an error, or by what the row policy comes after
  "SELECT throwIf(project_id = 2, 'theirs') FROM events",
  "SELECT * FROM default.events PREWHERE throwIf(project_id = 2, 'theirs') = 0",
  "SELECT toUInt8(url) FROM default.events WHERE project_id = 2",
  "SELECT * FROM events ORDER BY throwIf(user_id = 'theirs', 'theirs')",
  "SELECT * FROM events FINAL SAMPLE 1",
  // what the server has bound
  `SELECT * FROM events SETTINGS log_comment = '${OTHERS_COMMENT}'`,
  `SELECT * FROM (SELECT * FROM events SETTINGS log_comment = '${OTHERS_COMMENT}')`,
  "SELECT * FROM events SETTINGS readonly = 0",
  "SELECT * FROM events SETTINGS final = 0",
  "SELECT 1 SETTINGS max_execution_time = 0",
  "SELECT * FROM events SETTINGS additional_table_filters = {'events': '1'}",
  `SET log_comment = '${OTHERS_COMMENT}'`,
  "SET ROLE rrhog",
  "SET ROLE ALL",
  "SELECT 1; SET ROLE rrhog; SELECT * FROM events",
  "SELECT 1) SETTINGS readonly = 0 --",
  "SELECT 1) UNION ALL SELECT * FROM (SELECT 1",
  "SELECT 1 /* never closed",
  `SELECT 1 -- \n) INTO OUTFILE '${LOOT}' FORMAT TSV --`,
  "EXECUTE AS default SELECT * FROM events",
  // what is not data
  "SELECT * FROM system.tables",
  "SELECT * FROM `system`.`processes`",
  "SELECT * FROM SYSTEM.parts",
  "SELECT 1 FROM events WHERE url IN system.tables",
  "SELECT * FROM information_schema.tables",
  "SELECT * FROM INFORMATION_SCHEMA.COLUMNS",
  "SELECT * FROM merge('system', '.*')",
  "SHOW TABLES",
  "SHOW PROCESSLIST",
  "SHOW GRANTS",
  "DESCRIBE events",
  "EXPLAIN SELECT * FROM events",
  "SELECT * FROM (EXPLAIN SELECT * FROM events)",
  "SELECT * FROM viewExplain('EXPLAIN', '', (SELECT 1))",
  "SELECT * FROM schema_migrations",
  // what reaches out
  "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
  "SELECT * FROM file('/etc/passwd', 'LineAsString')",
  "SELECT * FROM `/etc/passwd`",
  "SELECT file('/etc/passwd')",
  "SELECT FILE('/etc/passwd')",
  "SELECT arrayMap(file, ['/etc/passwd'])",
  "SELECT * APPLY(file) FROM (SELECT '/etc/passwd')",
  "SELECT * APPLY(x -> file(x)) FROM (SELECT '/etc/passwd')",
  "SELECT * REPLACE (file('/etc/passwd') AS text) FROM seen_text",
  "WITH file('/etc/passwd') AS x SELECT x",
  "SELECT 1 ORDER BY file('/etc/passwd')",
  "SELECT count() OVER (PARTITION BY file('/etc/passwd'))",
  "SELECT 1 LIMIT length(file('/etc/passwd'))",
  "SELECT * FROM s3('http://127.0.0.1:1/x', 'TSV')",
  "SELECT * FROM remote('127.0.0.1', 'default', 'events')",
  "SELECT * FROM cluster('default', 'default', 'events')",
  "SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
  "SELECT * FROM postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
  `SELECT * FROM sqlite('${LOOT}', 'y')`,
  "SELECT * FROM executable('id', TSV, 'a String')",
  "SELECT * FROM python('x')",
  "SELECT * FROM dictionary('x')",
  "SELECT dictGet('x', 'y', 1)",
  "SELECT joinGet('x', 'y', 1)",
  "SELECT catboostEvaluate('/etc/passwd', 1)",
  "SELECT getSetting('log_comment'), getServerSetting('max_server_memory_usage'), hostName(), getMacro('x')",
  "SELECT aiGenerate('x')",
  "SELECT chdb('x')",
  // what changes something
  "INSERT INTO events (project_id) VALUES (1)",
  `INSERT INTO FUNCTION file('${LOOT}', 'CSV', 'a String') SELECT 'x'`,
  `SELECT 1 INTO OUTFILE '${LOOT}'`,
  "ALTER TABLE events DELETE WHERE 1",
  "DELETE FROM events WHERE 1",
  "TRUNCATE TABLE events",
  "DROP TABLE events",
  "CREATE TABLE t (a Int8) ENGINE = Memory",
  "CREATE TEMPORARY TABLE t (a Int8)",
  "CREATE FUNCTION f AS x -> x",
  "CREATE ROW POLICY p ON events USING 1 TO ALL",
  "GRANT ALL ON *.* TO default",
  "KILL QUERY WHERE 1",
  "OPTIMIZE TABLE events FINAL",
  "SYSTEM SHUTDOWN",
  `BACKUP TABLE events TO File('${LOOT}')`,
  "USE system",
  "BEGIN TRANSACTION",
];

test("the engine shows rows of one project only, whatever the text of a query says", async () => {
  const read = async (database: string, query: string) => {
    const url = new URL(api.clickhouseUrl);
    const search = new URLSearchParams({ database, readonly: "1", log_comment: "days=30", user: "rrhog_sql", query });
    const answer = await fetch(`${url.origin}/?${search}`, { method: "POST" });
    return answer.text();
  };
  await post({ query: "SELECT 1" });
  const projects = "SELECT DISTINCT project_id FROM default.events";
  expect(await read("rrhog_sql_1", projects)).toBe("1\n");
  expect(await read("rrhog_sql_1", `SELECT * FROM (${projects} SETTINGS log_comment = 'days=999')`)).toBe("1\n");
  expect(await read("default", projects)).toBe("");
  expect(await read("rrhog_sql_1", "SELECT * FROM system.processes")).toBe("");
  expect(await read("rrhog_sql_1", "INSERT INTO default.events (project_id) SELECT 1")).toMatch(
    /READONLY|ACCESS_DENIED/,
  );
});

describe("an attacker", () => {
  test.each(ATTACKS)("%s", async (query) => {
    const answer = await post({ query });
    const text = await answer.text();
    expect(answer.status, text).toBeLessThan(500);
    const body = answer.status === 200 ? JSON.stringify((JSON.parse(text) as Result).rows) : text;
    for (const secret of [THEIRS, DELETED, EXPIRED, "theirs.example", "deleted.example", "expired.example", "root:"]) {
      expect(body.replaceAll(query, ""), query).not.toContain(secret);
    }
    if (answer.status === 200) expect(body).not.toMatch(/\b(theirs|expired|deleted)\b/);
  });

  test("is refused with a plain 400, but for what gives the project's own rows", async () => {
    const taken: string[] = [];
    for (const query of ATTACKS) {
      const { status } = await post({ query });
      if (status === 200) taken.push(query);
      else expect([400, 422], query).toContain(status);
    }
    expect(taken.filter((query) => !/events|batches|seen_text|SELECT 1\) UNION/.test(query))).toEqual([]);
  });

  const SHOWN = "SELECT count() FROM default.seen_text WHERE project_id = 2 AND lowerUTF8(text) LIKE '%PHRASE%'";

  // An index prunes by the rows of all, before the row policy: nothing of an answer may depend on what is left to read.
  test.each([SHOWN, `SELECT (${SHOWN}), count() FROM events`, `${SHOWN} AND throwIf(1)`])(
    "cannot tell a text that another project shows from one that nobody shows: %s",
    async (asked) => {
      const [shown, nobodys] = await Promise.all(
        ["hello theirs", "hello nobody"].map(async (phrase) => {
          const answer = await post({ query: asked.replace("PHRASE", phrase) });
          const body = (await answer.text()).replaceAll(phrase, "PHRASE").replace(/"elapsed_ms":\d+/, "");
          return [answer.status, body];
        }),
      );
      expect(shown).toEqual(nobodys);
    },
  );

  test.each([
    "SELECT _part_offset FROM default.seen_text",
    "SELECT t.`_block_number` FROM default.seen_text AS t",
    "SELECT max(_part.size) FROM default.seen_text",
    "SELECT {column: Identifier} FROM default.seen_text",
    "SELECT COLUMNS(_part_index) FROM default.seen_text",
  ])("is not told where rows lie among those of others: %s", async (query) => {
    const answer = await post({ query, parameters: { column: "_part_starting_offset" } });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(/_(part|block).* is not for reading/) });
  });

  test("learns of the time a query took no more than some hundredths of a second", async () => {
    for (const query of ["SELECT 1", "SELECT sum(sipHash64(number)) FROM numbers(3000000)"]) {
      const { statistics } = (await (await post({ query })).json()) as Result;
      expect(statistics.elapsed_ms).toBeGreaterThanOrEqual(10);
      expect(statistics.elapsed_ms % 10).toBe(0);
    }
  });

  test("has changed nothing", async () => {
    const answer = await api.clickhouse.query({
      query: "SELECT uniqExact(session_id) AS n FROM events",
      format: "JSONEachRow",
    });
    expect(await answer.json()).toEqual([{ n: 4 }]);
    expect(() => readFileSync(LOOT)).toThrow();
  });

  test.each([
    ["SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1", "it takes more than 10 s"],
    [
      "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r",
      "it is nested too deeply",
    ],
    ["SELECT groupArray(number) FROM numbers(1000000000)", "it takes more than 1 GB of memory"],
    ["SELECT repeat('x', 1000000) FROM numbers(1000)", "it takes more than 1 GB of memory"],
  ])("is stopped, and not told how far it came: %s", async (query, detail) => {
    const answer = await post({ query });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: "sql_over_limit", detail });
  });

  test.each([
    "arrayLevenshteinDistance(range(200000), range(200000))",
    "arrayLevenshteinDistanceWeighted(['a'], ['b'], [1.], [1.])",
    "arraySimilarity(['a'], ['b'], [1.], [1.])",
    "arrayFold((acc, x) -> arrayPushBack(acc, x), range(200000), emptyArrayUInt64())",
    "editDistance(repeat('x', 60000), repeat('y', 60000))",
    "editDistanceUTF8('a', 'b')",
    "levenshteinDistance('a', 'b')",
    "LEVENSHTEINDISTANCEUTF8('a', 'b')",
    "damerauLevenshteinDistance('a', 'b')",
    "jaroSimilarity('a', 'b')",
    "jaroWinklerSimilarity('a', 'b')",
    "jsonMergePatch('{}', '{}')",
    "arrayMap(levenshteinDistance, ['a'], ['b'])",
  ])("may not call what one call of can take for ever: %s", async (call) => {
    const answer = await post({ query: `SELECT ${call}` });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(/function.* not taken here/) });
  });

  test("is stopped before it has begun, where it asks for too much at once", async () => {
    expect((await post({ query: "SELECT arrayJoin(range(1000000000))" })).status).toBe(400);
  });

  // A long list in each of many rows, a long text in each: what the engine would do with 65,409 of them is minutes of work.
  test.each([
    "SELECT count() FROM numbers(1000000) WHERE hasAny(range(1000 + number % 2), range(1500, 2500))",
    "SELECT count() FROM numbers(1000000) WHERE match(concat(repeat('ab', 5000), toString(number)), '(a|b|ab)*(c|d)[x-z]{3}')",
    "SELECT count() FROM numbers(1000000) WHERE length(replaceRegexpAll(concat(repeat('a', 500), toString(number)), 'a*b|a', 'x')) = 1",
  ])("is stopped in the midst of many rows, and its place is free: %s", async (query) => {
    const answer = await post({ query });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: "sql_over_limit", detail: "it takes more than 10 s" });
    expect(
      (await Promise.all([post({ query: "SELECT 1" }), post({ query: "SELECT 2" })])).map((r) => r.status),
    ).toEqual([200, 200]);
  });

  test("is told that one call takes too long, and its place is free once the engine is done with it", async () => {
    const answer = await post({ query: "SELECT hasAny(range(200000), range(200000, 400000))" });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: "sql_over_limit", detail: "it takes more than 10 s" });
    const both = async () =>
      (await Promise.all(["1", "2"].map((n) => post({ query: `SELECT ${n}` })))).map(({ status }) => status);
    await expect.poll(both, { timeout: 120_000, interval: 500 }).toEqual([200, 200]);
  });

  test("runs two queries at a time, and no more", async () => {
    const slow = { query: "SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1" };
    const statuses = await Promise.all([1, 2, 3, 4].map(async () => (await post(slow)).status));
    expect(statuses.toSorted()).toEqual([422, 422, 429, 429]);
    expect((await post({ query: "SELECT 1" })).status).toBe(200);
  });

  test("holds both places while the engine runs what cannot be ended, however soon the caller leaves", async () => {
    // one call of some five seconds, of a function that is of use where it is given less
    const endless = { query: "SELECT hasAny(range(80000), range(80000, 160000))" };
    const found = "SELECT 1 FROM system.processes WHERE query LIKE '%hasAny(range%' AND query NOT LIKE '%processes%'";
    const running = async () =>
      (await (await api.clickhouse.query({ query: found, format: "JSONEachRow" })).json()).length;
    const leave = new AbortController();
    const asked = [1, 2].map(() => post(endless, owner, 1, { signal: leave.signal }));
    await expect.poll(running, { timeout: 20_000, interval: 50 }).toBe(2);
    leave.abort();
    await Promise.allSettled(asked);

    const next: number[] = [];
    while ((await running()) > 0) {
      next.push((await post({ query: "SELECT 1" })).status);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(next.slice(0, 2)).toEqual([429, 429]);
    await expect.poll(async () => (await post({ query: "SELECT 1" })).status, { timeout: 20_000 }).toBe(200);
  });
});
