import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { claimDueUrl, noteSessionAssets, noteUrls, storeAsset } from "#core/store/postgres/assets.ts";
import { EventType } from "#protocol/event.ts";
import { OTHER, startTestApi, type TestApi } from "../testing/api.ts";
import { load } from "../testing/recording.ts";

const DAY_MS = 86_400_000;
const NOW = Date.now();
const CDN = "https://cdn.example";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.drop());
beforeEach(() => api.sql`TRUNCATE asset_urls, asset_bodies, session_assets CASCADE`);

/** A session whose page links a stylesheet and shows a picture, and what it names. @returns its id and the events' texts */
async function session(startedAt: number) {
  const sessionId = randomUUID();
  const element = (id: number, tagName: string, attributes: object) => ({
    type: 2,
    id,
    tagName,
    attributes,
    childNodes: [],
  });
  const childNodes = [
    element(2, "link", { rel: "stylesheet", href: `${CDN}/css/a.css` }),
    element(3, "img", { src: `${CDN}/a.gif`, srcset: `${CDN}/a.gif 1x, ${CDN}/gone.gif 2x` }),
  ];
  const event = (type: number, at: number, data: object) => ({ type, timestamp: startedAt + at, data });
  // Written as no printer would: what is not changed must come back like this.
  const payloads = [
    JSON.stringify(event(EventType.Meta, 0, { href: "https://shop.example/", width: 800, height: 600 })),
    JSON.stringify(event(EventType.FullSnapshot, 1, { node: { type: 0, id: 1, childNodes } })),
    `{"type":3, "timestamp":${startedAt + 2}.0,"data":{"source":1,"positions":[1.0e0]}}`,
  ];
  await load(api, { projectId: 1, sessionId, windowId: "w", seq: 0, payloads, receivedAt: startedAt });
  const named = [`${CDN}/css/a.css`, `${CDN}/a.gif`, `${CDN}/gone.gif`].map((url) => ({ url, allowed: true }));
  const ids = await noteUrls(api.sql, 1, named);
  await noteSessionAssets(api.sql, { project_id: 1, session_id: sessionId }, [...ids.values()]);
  return { sessionId, payloads };
}

/** As the fetcher does, at a time. */
async function keep(url: string, text: string, contentType: string, at = NOW, named: string[] = []) {
  const dependencies = await noteUrls(
    api.sql,
    1,
    named.map((url) => ({ url, allowed: true })),
    1,
  );
  await api.sql`UPDATE asset_urls SET due_at = CASE WHEN url = ${url} THEN now() END`;
  const due = await claimDueUrl(api.sql, { hosts: [], projects: [] });
  if (due?.url !== url) throw new Error(`${url} is not due`);
  await storeAsset(api.sql, due, {
    bytes: Buffer.from(text),
    contentType,
    baseUrl: url,
    etag: null,
    lastModified: null,
    dependencies: [...dependencies.values()],
  });
  await api.sql`
    UPDATE asset_versions SET first_at = ${new Date(at)}, last_at = ${new Date(at)}
    WHERE first_at = (SELECT max(first_at) FROM asset_versions WHERE url_id = ${due.id}) AND url_id = ${due.id}`;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const path = (sessionId: string, rest: string) => `/v1/projects/1/sessions/${sessionId}/${rest}`;
const eventsText = async (sessionId: string, query = "") =>
  (await api.get(path(sessionId, `events${query}`), api.reader)).text();

describe("the assets of a session", () => {
  test("are listed, with why one is missing", async () => {
    const { sessionId } = await session(NOW);
    await keep(`${CDN}/a.gif`, "GIF89a", "image/gif");
    await api.sql`UPDATE asset_urls SET missing = 'http_404' WHERE url = ${`${CDN}/gone.gif`}`;
    const { assets } = (await (await api.get(path(sessionId, "assets"), api.reader)).json()) as { assets: object[] };
    expect(assets).toMatchObject([
      {
        url: `${CDN}/a.gif`,
        status: "kept",
        why: null,
        hash: sha256("GIF89a"),
        content_type: "image/gif",
        byte_length: 6,
      },
      { url: `${CDN}/css/a.css`, status: "missing", why: "not_fetched", hash: null },
      { url: `${CDN}/gone.gif`, status: "missing", why: "http_404", hash: null },
    ]);
  });

  test.each([
    ["the version that was seen at its time", 10, "first"],
    ["the one that was there when the next was not yet", 14, "first"],
    ["the nearest before it", 16, "first"],
    ["the nearest after it", 24, "second"],
    ["the first, where it is older than all", -10, "first"],
    ["the last, where it is newer than all", 60, "second"],
  ])("are %s", async (_, day, text) => {
    const at = (days: number) => NOW + (days - 60) * DAY_MS;
    const { sessionId } = await session(at(day));
    await keep(`${CDN}/a.gif`, "GIF89a first", "image/gif", at(5));
    await api.sql`UPDATE asset_versions SET last_at = ${new Date(at(15))}`;
    await keep(`${CDN}/a.gif`, "GIF89a second", "image/gif", at(30));
    const { assets } = (await (await api.get(path(sessionId, "assets"), api.reader)).json()) as {
      assets: { hash: string }[];
    };
    expect(assets[0]?.hash).toBe(sha256(`GIF89a ${text}`));
  });
});

describe("the bytes of an asset", () => {
  test("come as they were fetched, to be kept for good, and can do nothing", async () => {
    await session(NOW);
    const svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    await keep(`${CDN}/a.gif`, svg, "image/svg+xml");
    const answer = await api.get(`/v1/projects/1/assets/${sha256(svg)}`, api.reader);
    expect(await answer.text()).toBe(svg);
    expect(answer.headers.get("content-type")).toBe("image/svg+xml");
    expect(answer.headers.get("cache-control")).toBe("private, max-age=31536000, immutable");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("content-security-policy")).toMatch(/default-src 'none'.*sandbox/);
  });

  test("are no other project's, and none where there are none", async () => {
    await session(NOW);
    await keep(`${CDN}/a.gif`, "GIF89a", "image/gif");
    const ask = async (project: number, hash: string, key: string) =>
      (await api.get(`/v1/projects/${project}/assets/${hash}`, { authorization: `Bearer ${key}` })).status;
    expect(await ask(OTHER.id, sha256("GIF89a"), OTHER.readKey)).toBe(404);
    expect(await ask(1, sha256("GIF89a"), OTHER.readKey)).toBe(404);
    expect(await ask(1, sha256("another"), api.reader.authorization?.slice("Bearer ".length) ?? "")).toBe(404);
    expect(await ask(1, "nonsense", api.reader.authorization?.slice("Bearer ".length) ?? "")).toBe(400);
  });
});

describe("events for a player", () => {
  test("have the addresses of what is kept, and sheets as text; for everyone else they are what was sent", async () => {
    const { sessionId, payloads } = await session(NOW);
    const sent = `{"events":[${payloads.join(",")}],"next_cursor":null}`;
    expect(await eventsText(sessionId)).toBe(sent);
    expect(JSON.parse(await eventsText(sessionId, "?assets=kept")).events[2]).toEqual(JSON.parse(payloads[2] ?? ""));

    await keep(`${CDN}/css/a.css`, "@import 'b.css' print; p{}", "text/css", NOW, [`${CDN}/css/b.css`]);
    await keep(`${CDN}/css/b.css`, "body{background:url(../a.gif)}", "text/css", NOW, [`${CDN}/a.gif`]);
    await keep(`${CDN}/a.gif`, "GIF89a", "image/gif");
    const address = `/v1/projects/1/assets/${sha256("GIF89a")}`;
    const text = await eventsText(sessionId, "?assets=kept");
    expect(text).toContain(payloads[2]);
    const [, snapshot] = JSON.parse(text).events;
    expect(snapshot.data.node.childNodes).toMatchObject([
      { attributes: { _cssText: `@media print{body{background:url("${address}")}} p{}` } },
      { attributes: { src: address, srcset: `${address} 1x` } },
    ]);
    expect(await eventsText(sessionId)).toBe(sent);
    const lines = await api.get(path(sessionId, "events?assets=kept"), {
      ...api.reader,
      accept: "application/x-ndjson",
    });
    expect((await lines.text()).split("\n")[1]).toBe(JSON.stringify(snapshot));
  });

  test("have another ETag once more is kept", async () => {
    const { sessionId } = await session(NOW);
    const tag = async (query: string) =>
      (await api.get(path(sessionId, `events${query}`), api.reader)).headers.get("etag");
    const [before, plain] = [await tag("?assets=kept"), await tag("")];
    await keep(`${CDN}/a.gif`, "GIF89a", "image/gif");
    expect(await tag("?assets=kept")).not.toBe(before);
    expect(await tag("")).toBe(plain);
  });
});

describe("the hosts of a project", () => {
  const change = async (hosts: unknown) => {
    const answer = await api.request("/v1/projects/1/settings", {
      method: "PATCH",
      headers: { ...(await api.signIn()), "content-type": "application/json" },
      body: JSON.stringify({ assets: { hosts } }),
    });
    return { status: answer.status, body: await answer.json() };
  };

  test("are none until somebody says so", async () => {
    expect(await (await api.get("/v1/projects/1/settings", api.reader)).json()).toMatchObject({
      assets: { hosts: [] },
    });
    expect(await change(["CDN.example.com", "*.shop.example", "127.0.0.1:8790"])).toMatchObject({
      status: 200,
      body: { recorder: {}, assets: { hosts: ["cdn.example.com", "*.shop.example", "127.0.0.1:8790"] } },
    });
  });

  test.each(["https://cdn.example.com", "cdn.example.com/path", "*", "a.*.com", "a b", ""])(
    "cannot be %j",
    async (host) => {
      expect(await change([host])).toMatchObject({ status: 400, body: { issues: [{ path: "assets.hosts.0" }] } });
    },
  );
});
