import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { ClickHouseError } from "@clickhouse/client-web";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type ClickHouseClient, openClickHouse } from "#core/store/clickhouse/client.ts";
import { startClickHouse } from "./clickhouse.ts";

/** Rows of `SELECT`, as the application reads them. */
async function rows(clickhouse: ClickHouseClient, query: string, query_params?: Record<string, unknown>) {
  const answer = await clickhouse.query({ query, format: "JSONEachRow", ...(query_params && { query_params }) });
  return answer.json<Record<string, unknown>>();
}

/** The interface itself, where the client would hide what matters. */
function post(query: string, { search = "", ...init }: RequestInit & { search?: string } = {}) {
  return fetch(`${inject("clickhouseUrl")}/?${search}`, { method: "POST", body: query, ...init });
}

describe("ClickHouse's HTTP interface over the library", () => {
  const database = `facade_${randomUUID().replaceAll("-", "")}`;
  let clickhouse: ClickHouseClient;

  beforeAll(async () => {
    const admin = openClickHouse(inject("clickhouseUrl"), "test");
    await admin.command({ query: `CREATE DATABASE ${database}` });
    await admin.close();
    clickhouse = openClickHouse(`${inject("clickhouseUrl")}/${database}`, "test");
    await clickhouse.command({
      query: "CREATE TABLE notes (id UInt64, text String, tags Array(String)) ENGINE = MergeTree ORDER BY id",
    });
  });
  afterAll(async () => {
    await clickhouse.command({ query: `DROP DATABASE ${database} SYNC` });
    await clickhouse.close();
  });

  it("binds parameters on the server, whatever is in them", async () => {
    const hostile = `it's a \\ "trap" \t\n {x:String} '); DROP TABLE notes -- ☃`;
    const uuid = randomUUID();
    const [row] = await rows(
      clickhouse,
      `SELECT {text:String} AS text, {tags:Array(String)} AS tags, {uuid:UUID} AS uuid,
              toString({at:DateTime64(3, 'UTC')}) AS at, {id:UInt64} AS id, {nothing:Nullable(String)} AS nothing`,
      { text: hostile, tags: [hostile, "", "[']"], uuid, at: "2026-11-23 12:34:56.789", id: 7, nothing: null },
    );
    expect(row).toEqual({
      text: hostile,
      tags: [hostile, "", "[']"],
      uuid,
      at: "2026-11-23 12:34:56.789",
      id: 7,
      nothing: null,
    });
  });

  it("keeps the parameters of queries apart that run at once", async () => {
    const ask = async (text: string) => (await rows(clickhouse, "SELECT {text:String} AS text", { text }))[0]?.text;
    const texts = Array.from({ length: 60 }, (_, index) => `text ${index}`);
    expect(await Promise.all(texts.map(ask))).toEqual(texts);
  });

  it("lets settings and database end with their query", async () => {
    const setting = (search: string) =>
      post("SELECT getSetting('max_result_rows'), currentDatabase()", { search }).then((answer) => answer.text());
    expect(await setting(`max_result_rows=77&database=${database}`)).toBe(`77\t${database}\n`);
    expect(await setting("")).toBe("0\tdefault\n");
  });

  it("inserts rows as bytes and says how many", async () => {
    const values = Array.from({ length: 5_000 }, (_, id) => ({ id, text: `line one\nline two ☃ ${id}`, tags: ["a"] }));
    await clickhouse.insert({ table: "notes", values, format: "JSONEachRow" });
    expect(await rows(clickhouse, "SELECT count() AS n, any(text) AS text FROM notes WHERE id = 4999")).toEqual([
      { n: 1, text: "line one\nline two ☃ 4999" },
    ]);
    const answer = await post('INSERT INTO notes FORMAT JSONEachRow\n{"id":6000}\n{"id":6001}\n', {
      search: `database=${database}`,
    });
    const summary = JSON.parse(answer.headers.get("x-clickhouse-summary") ?? "{}");
    expect(summary).toMatchObject({ written_rows: "2" });
  });

  it("takes an insert of 100 MB in one piece", async () => {
    await clickhouse.command({ query: "CREATE TABLE large (id UInt32, text String) ENGINE = MergeTree ORDER BY id" });
    const line = `${JSON.stringify({ id: 1, text: "x".repeat(1_000_000) })}\n`;
    const body = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < 100; sent += 1) controller.enqueue(new TextEncoder().encode(line));
        controller.close();
      },
    });
    const search = new URLSearchParams({ query: "INSERT INTO large FORMAT JSONEachRow", database });
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    const answer = await fetch(`${inject("clickhouseUrl")}/?${search}`, init);
    expect(answer.status).toBe(200);
    expect(await rows(clickhouse, "SELECT count() AS n, uniq(_part) AS parts FROM large")).toEqual([
      { n: 100, parts: 1 },
    ]);
    await clickhouse.command({ query: "DROP TABLE large SYNC" });
  });

  it("refuses a body that breaks off, and inserts none of it", async () => {
    const search = new URLSearchParams({ query: "INSERT INTO notes FORMAT JSONEachRow", database });
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode('{"id":9000001}\n'));
        await sleep(50);
        controller.error(new Error("the client died"));
      },
    });
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    await expect(fetch(`${inject("clickhouseUrl")}/?${search}`, init)).rejects.toThrow();
    expect(await rows(clickhouse, "SELECT count() AS n FROM notes WHERE id = 9000001")).toEqual([{ n: 0 }]);
  });

  it.each([
    ["SELECT nonsense FROM", 62, 400],
    ["SELECT * FROM no_such_table", 60, 404],
    ["SELECT no_such_column FROM notes", 47, 404],
    ["SELECT 1 SETTINGS no_such_setting = 1", 115, 404],
    ['INSERT INTO notes FORMAT JSONEachRow\n{"id":"not a number"}', 27, 400],
    ["SELECT throwIf(1)", 395, 500],
  ])("answers %s with ClickHouse's own code and status", async (query, code, status) => {
    const answer = await post(query, { search: `database=${database}` });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("x-clickhouse-exception-code")).toBe(String(code));
    expect(await answer.text()).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: .*\\([A-Z_]+\\)`, "s"));
  });

  it("gives the client errors that it can tell apart", async () => {
    const error = await clickhouse.query({ query: "SELECT * FROM no_such_table" }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ClickHouseError);
    expect(error).toMatchObject({ code: "60", type: "UNKNOWN_TABLE" });
  });

  it("reports an error that comes after the first rows, and not a short result", async () => {
    const query = "SELECT throwIf(number = 90000) FROM numbers(100000)";
    const answer = await clickhouse.query({ query, format: "JSONEachRow" });
    await expect(answer.json()).rejects.toThrow("Value passed to 'throwIf' function is non-zero");
  });

  it.each(["JSONEachRow", "TabSeparatedRaw", "RowBinary"])(
    "sends nothing of a %s answer before its end, where that is waited for: such an error is a status",
    async (format) => {
      const query = `SELECT throwIf(number = 90000) FROM numbers(100000) FORMAT ${format}`;
      const answer = await post(query, { search: "wait_end_of_query=1" });
      expect([answer.status, answer.headers.get("x-clickhouse-exception-code")]).toEqual([500, "395"]);
      const whole = await post(`SELECT number FROM numbers(100000) FORMAT ${format}`, {
        search: "wait_end_of_query=1",
      });
      const streamed = await post(`SELECT number FROM numbers(100000) FORMAT ${format}`);
      expect(Buffer.from(await whole.arrayBuffer()).equals(Buffer.from(await streamed.arrayBuffer()))).toBe(true);
    },
  );

  it("streams a large result in blocks that a slow reader can hold", async () => {
    const query = "SELECT number, repeat('x', 1000) AS text FROM numbers(200000)";
    const answer = await post(query, { search: "default_format=JSONEachRow" });
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    expect(first?.value?.byteLength).toBeLessThan(8_000_000);
    await reader?.cancel();
  });

  it("cancels a query whose client has gone", async () => {
    const mark = randomUUID();
    const running = async () =>
      (await rows(clickhouse, `SELECT 1 FROM system.processes WHERE Settings['log_comment'] LIKE '${mark} %'`)).length;
    const gone = new AbortController();
    const query = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1";
    const asked = post(query, { search: `log_comment=${mark}`, signal: gone.signal });
    await expect.poll(running, { timeout: 60_000 }).toBe(1);
    gone.abort();
    await expect(asked).rejects.toThrow();
    await expect.poll(running, { timeout: 60_000 }).toBe(0);
  });

  it("answers others while twenty queries run", async () => {
    const gone = new AbortController();
    const asked = Array.from({ length: 20 }, () => post("SELECT sleep(1)", { signal: gone.signal }));
    expect((await fetch(`${inject("clickhouseUrl")}/ping`)).status).toBe(200);
    const all = await Promise.all(asked.map(async (answer) => (await answer).status));
    expect(new Set(all)).toEqual(new Set([200]));
  });

  it("compresses when it is asked to", async () => {
    const { request } = await import("node:http");
    const url = new URL(`${inject("clickhouseUrl")}/?enable_http_compression=1&default_format=JSONEachRow`);
    const body = await new Promise<Buffer>((resolve, reject) => {
      const asked = request(url, { method: "POST", headers: { "accept-encoding": "gzip" } }, async (answer) => {
        expect(answer.headers["content-encoding"]).toBe("gzip");
        resolve(Buffer.concat(await answer.toArray()));
      });
      asked.once("error", reject).end("SELECT 1 AS one");
    });
    expect(gunzipSync(body).toString()).toBe('{"one":1}\n');
  });

  it.each([
    ["an Origin", { origin: "https://evil.example" }],
    ["the fetch metadata of a browser", { "sec-fetch-site": "cross-site" }],
  ])("refuses what a web page sent: %s", async (_what, headers) => {
    const { request } = await import("node:http");
    const status = await new Promise((resolve) => {
      request(`${inject("clickhouseUrl")}/?query=SELECT%201`, { headers }, ({ statusCode }) =>
        resolve(statusCode),
      ).end();
    });
    expect(status).toBe(403);
  });

  it("refuses a name of this machine that somebody else gave it", async () => {
    const { request } = await import("node:http");
    const status = await new Promise((resolve) => {
      const options = { headers: { host: "rebound.example:8123" } };
      request(`${inject("clickhouseUrl")}/ping`, options, ({ statusCode }) => resolve(statusCode)).end();
    });
    expect(status).toBe(403);
  });

  it("writes nothing on a GET", async () => {
    const search = new URLSearchParams({ query: "DROP TABLE notes", database });
    const answer = await fetch(`${inject("clickhouseUrl")}/?${search}`);
    expect(answer.headers.get("x-clickhouse-exception-code")).toBe("164");
  });
});

describe("the engine's folder", () => {
  let folder: string;
  const start = () =>
    startClickHouse({ dataDir: join(folder, "data"), port: 0, logFile: join(folder, "clickhouse.log") });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rrhog-clickhouse-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("holds every acknowledged row after kill -9, refuses a second opener, and says what is damaged", async () => {
    const engine = await start();
    const clickhouse = openClickHouse(engine.url, "test");
    await clickhouse.command({
      query: "CREATE TABLE kept (batch UInt32, row UInt32) ENGINE = MergeTree ORDER BY batch",
    });

    await expect(start()).rejects.toThrow(/^clickhouse: .* is in use by another process\. Stop it, or set RRHOG_DATA/);

    let acknowledged = 0;
    const inserting = (async () => {
      for (let batch = 0; ; batch += 1) {
        const values = Array.from({ length: 100 }, (_, row) => ({ batch, row }));
        await clickhouse.insert({ table: "kept", values, format: "JSONEachRow" });
        acknowledged = batch + 1;
      }
    })().catch(() => undefined);
    await expect.poll(() => acknowledged, { timeout: 60_000 }).toBeGreaterThan(30);
    process.kill(engine.pid, "SIGKILL");
    await Promise.all([inserting, engine.exited]);
    await clickhouse.close();

    const again = await start();
    const reopened = openClickHouse(again.url, "test");
    const whole = "SELECT count() AS n FROM (SELECT batch FROM kept GROUP BY batch HAVING count() = 100)";
    const torn = "SELECT count() AS n FROM (SELECT batch FROM kept GROUP BY batch HAVING count() != 100)";
    const [found] = await rows(reopened, whole);
    expect(found?.n).toBeGreaterThanOrEqual(acknowledged);
    expect(await rows(reopened, torn)).toEqual([{ n: 0 }]);
    await reopened.close();
    await again.stop();
    expect(await again.exited).toEqual({ code: 0, signal: null });

    const store = join(folder, "data", "store");
    const files = (await readdir(store, { recursive: true })).filter((name) => name.endsWith("/columns.txt"));
    for (const file of files) await writeFile(join(store, file), "not what was written");
    await expect(start()).rejects.toThrow(/^clickhouse: cannot open its data folder .*broken parts.*Restore a backup/);
  });
});
