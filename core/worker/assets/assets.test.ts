import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { removeUnusedAssets } from "#core/store/postgres/assets.ts";
import { EventType } from "#protocol/event.ts";
import { type FreshDatabases, freshDatabases } from "../../../test/support/databases.ts";
import { createMetrics } from "../metrics.ts";
import { sweep } from "../sweep.ts";
import { runMessages } from "../testing/run-messages.ts";
import { event, messageOf, sealed } from "../testing/sealed.ts";
import { AssetFetcher } from "./fetcher.ts";
import { AssetWatch } from "./watch.ts";

const DAY_MS = 86_400_000;
const silent = pino({ level: "silent" });
const metrics = createMetrics(async () => null);

interface Answer {
  body?: string | Buffer;
  type?: string;
  status?: number;
  etag?: string;
}

/** What the site serves now, by path, and what it was asked for. */
let site: Record<string, Answer>;
let asked: string[];
const server = createServer((request, response) => {
  const path = request.url ?? "";
  const { body = "", type = "text/html", status = 200, etag } = site[path] ?? { status: 404 };
  const isSame = etag !== undefined && request.headers["if-none-match"] === etag;
  asked.push(isSame ? `${path} unchanged` : path);
  response.writeHead(isSame ? 304 : status, { "content-type": type, ...(etag && { etag }) }).end(isSame ? "" : body);
});

let databases: FreshDatabases;
let host: string;
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  [databases] = await Promise.all([freshDatabases(), once(server, "listening")]);
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await databases.drop();
});
beforeEach(async () => {
  site = {
    "/a.css": { type: "text/css", etag: '"a1"', body: "@import 'b.css'; body{background:url(a.gif)}" },
    "/b.css": { type: "text/css", body: "@font-face{font-family:F;src:url(f.woff2)}" },
    "/a.gif": { type: "image/gif", body: "GIF89a first" },
    "/f.woff2": { body: "wOF2 font" },
    "/page.gif": { body: "<html>no image" },
    "/busy.gif": { status: 503 },
  };
  asked = [];
  await databases.sql`TRUNCATE projects CASCADE`;
  await databases.sql`INSERT INTO projects (id, name, asset_hosts) VALUES (1, 'Shop', ${[host]}), (2, 'Other', '{}')`;
});

/** Loads a session whose page names the addresses, and notes them as a worker does. @returns its id */
async function record(paths: string[], projectId = 1): Promise<string> {
  const watch = new AssetWatch({ sql: databases.sql, metrics, log: silent, noted: () => {} });
  const sessionId = randomUUID();
  const childNodes = paths.map((path, i) =>
    path.endsWith(".css")
      ? { type: 2, id: i + 2, tagName: "link", attributes: { rel: "stylesheet", href: path }, childNodes: [] }
      : { type: 2, id: i + 2, tagName: "img", attributes: { src: path }, childNodes: [] },
  );
  const batch = sealed(
    [
      event(0, EventType.Meta, { href: `http://${host}/`, width: 1, height: 1 }),
      event(1, EventType.FullSnapshot, { node: { type: 0, id: 1, childNodes } }),
    ],
    { project_id: projectId, session_id: sessionId, received_at: Date.now() },
  );
  await runMessages(databases, [messageOf(batch)], { assets: watch });
  await watch.noteWaiting();
  return sessionId;
}

const newFetcher = () =>
  new AssetFetcher({ sql: databases.sql, metrics, log: silent, loopback: true, isWanted: () => true });

async function fetchAll(fetcher = newFetcher()): Promise<void> {
  while (await fetcher.fetchNext());
}

const versionsOf = async (path: string) =>
  databases.sql<{ content_type: string; text: string }[]>`
    SELECT b.content_type, convert_from(b.bytes, 'UTF8') AS text FROM asset_versions v
    JOIN asset_urls u ON u.id = v.url_id JOIN asset_bodies b ON b.project_id = v.project_id AND b.hash = v.hash
    WHERE u.url = ${`http://${host}${path}`} ORDER BY v.first_at`;
const missing = async () =>
  Object.fromEntries(
    (
      await databases.sql<{ url: string; missing: string }[]>`
      SELECT url, missing FROM asset_urls WHERE missing IS NOT NULL`
    ).map((row) => [row.url, row.missing]),
  );
/** As if so much time had gone by since all was written. */
const age = async (ms: number) => {
  const by = databases.sql`${ms} * interval '1 millisecond'`;
  await databases.sql`
    UPDATE asset_urls SET checked_at = checked_at - ${by}, seen_at = seen_at - ${by}, due_at = due_at - ${by}`;
  await databases.sql`UPDATE asset_versions SET first_at = first_at - ${by}, last_at = last_at - ${by}`;
  await databases.sql`UPDATE asset_bodies SET stored_at = stored_at - ${by}`;
  await databases.sql`UPDATE sessions_meta SET first_received_at = first_received_at - ${by}`;
};

describe("what recorded pages name is fetched", () => {
  test("once, with what its stylesheets name", async () => {
    await record(["/a.css", "/a.gif"]);
    await record(["/a.css"]);
    await fetchAll();
    expect(asked.toSorted()).toEqual(["/a.css", "/a.gif", "/b.css", "/f.woff2"]);
    expect(await versionsOf("/f.woff2")).toEqual([{ content_type: "font/woff2", text: "wOF2 font" }]);
    expect(await databases.sql`SELECT FROM session_assets`).toHaveLength(2);
  });

  test("by workers beside each other each address by one", async () => {
    await record(["/a.css", "/a.gif", "/b.css", "/f.woff2"]);
    await Promise.all([fetchAll(), fetchAll(), fetchAll()]);
    expect(asked.toSorted()).toEqual(["/a.css", "/a.gif", "/b.css", "/f.woff2"]);
  });

  test("of allowed hosts alone, and of projects that allow any", async () => {
    await record(["/a.gif", "http://elsewhere.example/x.png"]);
    await record(["/a.css"], 2);
    await fetchAll();
    expect(asked).toEqual(["/a.gif"]);
    expect(await missing()).toEqual({ "http://elsewhere.example/x.png": "host_not_allowed" });
    expect(await databases.sql`SELECT FROM asset_urls WHERE project_id = 2`).toHaveLength(0);
  });

  test("when a host is allowed later, from then on", async () => {
    await databases.sql`UPDATE projects SET asset_hosts = '{other.example}' WHERE id = 1`;
    await record(["/a.gif"]);
    await fetchAll();
    expect(asked).toEqual([]);
    await databases.sql`UPDATE projects SET asset_hosts = ${[host]} WHERE id = 1`;
    await record(["/a.gif"]);
    await fetchAll();
    expect(asked).toEqual(["/a.gif"]);
  });

  test("but not what is no asset, or is not there; what may come yet is tried four times", async () => {
    await record(["/page.gif", "/gone.gif", "/busy.gif"]);
    for (let tries = 0; tries < 6; tries++) {
      await fetchAll();
      await age(3_600_000);
    }
    expect(asked.toSorted()).toEqual(["/busy.gif", "/busy.gif", "/busy.gif", "/busy.gif", "/gone.gif", "/page.gif"]);
    expect(await missing()).toEqual({
      [`http://${host}/page.gif`]: "type_not_allowed",
      [`http://${host}/gone.gif`]: "http_404",
      [`http://${host}/busy.gif`]: "http_503",
    });
  });
});

describe("a day later", () => {
  test("hosts are asked again: what changed is another version, what did not is the same", async () => {
    await record(["/a.css"]);
    await fetchAll();
    asked = [];
    await record(["/a.css"]);
    await fetchAll();
    expect(asked).toEqual([]);

    await age(DAY_MS + 1);
    site["/a.gif"] = { body: "GIF89a second" };
    await record(["/a.css"]);
    await fetchAll();
    expect(asked.toSorted()).toEqual(["/a.css unchanged", "/a.gif", "/b.css", "/f.woff2"]);
    expect(await versionsOf("/a.gif")).toMatchObject([{ text: "GIF89a first" }, { text: "GIF89a second" }]);
    expect(await versionsOf("/b.css")).toHaveLength(1);
  });

  test("what is gone from the site is kept", async () => {
    await record(["/a.gif"]);
    await fetchAll();
    await age(DAY_MS + 1);
    site = {};
    await record(["/a.gif"]);
    await fetchAll();
    expect(await versionsOf("/a.gif")).toHaveLength(1);
  });
});

describe("the sweep", () => {
  const sweepNow = () =>
    sweep({
      sql: databases.sql,
      clickhouse: databases.clickhouse,
      streamPlace: async () => ({ made: new Date(0), last_seq: 0, settled_seq: 0 }),
      metrics,
      log: silent,
    });
  const kept = async () =>
    (await databases.sql<{ url: string }[]>`SELECT url FROM asset_urls ORDER BY url`).map(
      ({ url }) => new URL(url).pathname,
    );

  test("takes away what no remaining session is made of, and keeps what sheets name", async () => {
    await record(["/gone-with-its-session.gif", "/a.gif"]);
    await age(100 * DAY_MS);
    await record(["/a.css"]);
    await fetchAll();
    await age(2 * DAY_MS);
    await sweepNow();
    expect(await kept()).toEqual(["/a.css", "/a.gif", "/b.css", "/f.woff2"]);
    expect(await databases.sql`SELECT FROM session_assets`).toHaveLength(1);

    await age(100 * DAY_MS);
    expect(await removeUnusedAssets(databases.sql, 1, 90)).toBe(4);
    expect(await kept()).toEqual([]);
  });

  test("lets go of versions that are nearest to no session any more", async () => {
    await record(["/a.gif"]);
    await fetchAll();
    await age(50 * DAY_MS);
    site["/a.gif"] = { body: "GIF89a second" };
    await record(["/a.gif"]);
    await fetchAll();
    await removeUnusedAssets(databases.sql, 1, 90);
    expect(await versionsOf("/a.gif")).toHaveLength(2);
    await age(95 * DAY_MS);
    await record(["/a.gif"]);
    await removeUnusedAssets(databases.sql, 1, 90);
    expect(await versionsOf("/a.gif")).toMatchObject([{ text: "GIF89a second" }]);
    expect(await databases.sql`SELECT FROM asset_bodies`).toHaveLength(1);
  });

  test("forgets what a deleted session named, and a late note does not bring it back", async () => {
    const sessionId = await record(["/a.gif"]);
    const watch = new AssetWatch({ sql: databases.sql, metrics, log: silent, noted: () => {} });
    await databases.sql`INSERT INTO tombstones (project_id, session_id) VALUES (1, ${sessionId})`;
    await sweepNow();
    expect(await databases.sql`SELECT FROM session_assets`).toHaveLength(0);
    const node = { type: 2, id: 1, tagName: "img", attributes: { src: `http://${host}/late.gif` }, childNodes: [] };
    const text = Buffer.from(JSON.stringify(event(0, EventType.FullSnapshot, { node })));
    watch.seen([{ project_id: 1, session_id: sessionId, url: "", text, events: [{ start: 0, end: text.length }] }]);
    await watch.noteWaiting();
    expect(await kept()).toContain("/late.gif");
    expect(await databases.sql`SELECT FROM session_assets`).toHaveLength(0);
  });
});

test("batches beyond what memory is given for are let go", async () => {
  const watch = new AssetWatch({ sql: databases.sql, metrics, log: silent, noted: () => {} });
  const before =
    (await metrics.assets.get()).values.find(({ labels }) => labels.outcome === "batch_let_go")?.value ?? 0;
  const text = new Uint8Array(20 * 1024 * 1024);
  const batch = { project_id: 1, session_id: randomUUID(), url: "", text, events: [] };
  watch.seen([batch, batch]);
  const after = (await metrics.assets.get()).values.find(({ labels }) => labels.outcome === "batch_let_go")?.value;
  expect(after).toBe(before + 1);
});
