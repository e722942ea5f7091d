import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OTHER, startTestApi, type TestApi } from "../testing/api.ts";
import { load, recordedPage } from "../testing/recording.ts";

const T0 = Date.now() - 3_600_000;
const PATH = "/v1/projects/1/source-maps";
const SOURCE = `export function total(cart: { items: { cents: number }[] }): number {
  // the last one is free
  const paid = cart.items.slice(0, -1);
  return paid.reduce((sum, item) => sum + item.cents, 0);
}
export const checkout = (cart: unknown) => total(cart as never);
`;

let api: TestApi;
let owner: Record<string, string>;
let bundle: { map: string; stack: string[] };
beforeAll(async () => {
  [api, bundle] = await Promise.all([startTestApi(), realBundle()]);
  owner = await api.signIn();
});
afterAll(() => api.drop());

/** A minified bundle's map, and the stack of an error that the bundle really threw. */
async function realBundle(): Promise<typeof bundle> {
  const root = await mkdtemp(join(tmpdir(), "rrhog-bundle-"));
  await writeFile(join(root, "cart.ts"), SOURCE);
  const built = (await build({
    root,
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      minify: true,
      sourcemap: true,
      lib: { entry: join(root, "cart.ts"), formats: ["iife"], name: "shop", fileName: () => "shop.js" },
    },
  })) as Rolldown.RolldownOutput[];
  await rm(root, { recursive: true, force: true });
  const chunk = built[0]?.output[0];
  if (!chunk?.map) throw new Error("the bundle has no map");
  const filename = "https://shop.example/static/assets/shop.js";
  // In a process of its own: the test runner rewrites stacks.
  const code = `${chunk.code}\ntry { shop.checkout({}) } catch (error) { error.stack }`;
  const script = `console.log(require("node:vm").runInThisContext(${JSON.stringify(code)}, { filename: "${filename}" }))`;
  const { stdout: thrown } = await promisify(execFile)(process.execPath, ["-e", script]);
  const stack = thrown
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.includes(filename));
  return { map: chunk.map.toString(), stack };
}

async function put(query: string, body: BodyInit = bundle.map, headers = owner): Promise<Response> {
  return api.request(`${PATH}?${query}`, { method: "PUT", headers, body });
}

async function remove(query: string): Promise<{ status: number; body: unknown }> {
  const answer = await api.request(`${PATH}?${query}`, { method: "DELETE", headers: owner });
  return { status: answer.status, body: await answer.json() };
}

interface Detail {
  stack: string;
  mapped?: ({
    function?: string;
    source: string;
    line: number;
    context?: { first_line: number; lines: string[] };
  } | null)[];
}

/** The details of the errors of a session that had them, one a stack. */
async function errorsOf(release: string, stacks: string[][], projectId = 1): Promise<Detail[]> {
  const sessionId = randomUUID();
  const thrown = stacks.map((stack, i) => {
    const payload = { kind: "error", name: "TypeError", message: `no items ${i}`, stack, count: 1 };
    return JSON.stringify({ type: 5, data: { tag: "rrhog.error", payload }, timestamp: T0 + 50 + i });
  });
  const payloads = [...recordedPage(T0), ...thrown];
  await load(api, { projectId, sessionId, windowId: "w", seq: 0, payloads, receivedAt: T0, row: { release } });
  const headers = projectId === 1 ? api.reader : { authorization: `Bearer ${OTHER.readKey}` };
  const answer = await api.get(`/v1/projects/${projectId}/sessions/${sessionId}/timeline`, headers);
  expect(answer.status).toBe(200);
  const { items } = (await answer.json()) as { items: { type: string; detail: Detail }[] };
  return items.filter(({ type }) => type === "$error").map(({ detail }) => detail);
}

async function errorOf(release: string, stack: string[], projectId = 1): Promise<Detail> {
  const [error] = await errorsOf(release, [stack], projectId);
  if (!error) throw new Error("the session has no error");
  return error;
}

describe("an error of a release with maps", () => {
  test("is told in the words of the sources, frame by frame", async () => {
    expect((await errorOf("1.0", bundle.stack)).mapped).toBeUndefined();
    const kept = await put("release=1.0&path=assets/shop.js");
    expect(kept.status).toBe(200);
    expect(await kept.json()).toEqual({
      release: "1.0",
      path: "assets/shop.js",
      byte_length: Buffer.byteLength(bundle.map),
      uploaded_at: expect.any(String),
    });
    const { mapped, stack } = await errorOf("1.0", ["at <anonymous>", ...bundle.stack]);
    expect(mapped).toHaveLength(stack.split("\n").length);
    expect(mapped?.[0]).toBeNull();
    expect(mapped?.[1]).toMatchObject({
      source: expect.stringMatching(/cart\.ts$/),
      line: 3,
      context: { first_line: 1, lines: expect.arrayContaining(["  const paid = cart.items.slice(0, -1);"]) },
    });
  });

  test("as Firefox and Safari write stacks, too", async () => {
    const [, line = "", column = ""] = /:(\d+):(\d+)\)?$/.exec(bundle.stack[0] ?? "") ?? [];
    const frame = `t@https://cdn.example/assets/shop.js?v=1:${line}:${column}`;
    expect((await errorOf("1.0", [frame])).mapped).toMatchObject([{ line: 3 }]);
  });

  test("and only of that release, that script and that project", async () => {
    expect((await errorOf("1.1", bundle.stack)).mapped).toBeUndefined();
    expect((await errorOf("1.0", ["t (https://shop.example/assets/other.js:1:10)"])).mapped).toBeUndefined();
    expect((await errorOf("1.0", ["t (https://shop.example/more-assets/shop.js:1:10)"])).mapped).toBeUndefined();
    expect((await errorOf("1.0", bundle.stack, OTHER.id)).mapped).toBeUndefined();
  });

  test("where frames are hostile or past the map's end, is there all the same", async () => {
    const { stack } = await errorOf("1.0", [
      "x (https://shop.example/assets/shop.js:0:0)",
      "x (https://shop.example/assets/shop.js:999999999:999999999)",
      "@@@(((https://:::1:1",
      `${"(".repeat(400)}https://shop.example/assets/shop.js:1:1`,
    ]);
    expect(stack).toContain("999999999");
  });

  test("where a release is one that Postgres cannot hold, is there all the same", async () => {
    expect((await errorOf("1.0\0", bundle.stack)).mapped).toBeUndefined();
  });

  test("is found by the longest end of its script's path", async () => {
    const map = (source: string) =>
      JSON.stringify({ version: 3, sources: [source], sourcesContent: [null], names: [], mappings: "AAAA" });
    for (const path of ["a.js", "v2/a.js", "assets/v2/a.js"]) await put(`release=5.0&path=${path}`, map(path));
    const stack = ["a.js", "v2/a.js", "more/v2/a.js", "x/assets/v2/a.js", "assets//v2/a.js", "/a.js", "ba.js"];
    const { mapped } = await errorOf(
      "5.0",
      stack.map((path) => `https://shop.example/${path}:1:1`),
    );
    const sources = ["a.js", "v2/a.js", "v2/a.js", "assets/v2/a.js", "v2/a.js", "a.js", undefined];
    expect(mapped?.map((frame) => frame?.source)).toEqual(sources);
    await remove("release=5.0");
  });

  test("costs little, however many parts the paths of a stranger's stacks have", async () => {
    await put("release=6.0&path=assets/7.js");
    const stacks = Array.from({ length: 60 }, (_, error) =>
      Array.from({ length: 20 }, (_, line) => `http://h${"/".repeat(270)}${error * 20 + line}.js:1:1`),
    );
    const parameters: number[] = [];
    api.sql.options.debug = (_connection, query, values) => {
      if (query.includes("source_map")) parameters.push(JSON.stringify(values).length);
    };
    const errors = await errorsOf("6.0", stacks);
    api.sql.options.debug = false;
    expect(errors).toHaveLength(60);
    expect(errors.some(({ mapped }) => mapped)).toBe(false);
    expect(parameters).toHaveLength(1);
    expect(Math.max(...parameters)).toBeLessThan(50_000);
    await remove("release=6.0");
  });

  test.each([
    ["has texts of fewer sources", { sourcesContent: [] }, "AAAA", { source: "a.ts", line: 1, column: 1 }],
    ["has no such source", {}, "AEAA", null],
    ["is about a line before the first", { sourcesContent: ["a\n".repeat(50)] }, "AApBA", null],
    ["is about a column before the first", {}, "AAAD", null],
    ["has no such name", {}, "AAAAE", { function: "t", source: "a.ts", line: 1, column: 1 }],
    ["has very long names", { sources: ["a".repeat(5_000)] }, "AAAA", { source: `${"a".repeat(499)}…` }],
  ])("whose map %s, is told as far as it is known", async (_, members, mappings, frame) => {
    const map = { version: 3, sources: ["a.ts"], names: [], mappings, ...members };
    expect((await put("release=8.0&path=a.js", JSON.stringify(map))).status).toBe(200);
    const { mapped } = await errorOf("8.0", ["    at t (https://shop.example/a.js:1:1)"]);
    if (frame === null) expect(mapped).toBeUndefined();
    else expect(mapped).toMatchObject([frame]);
    await remove("release=8.0");
  });

  test.each([
    ["would take gigabytes", { sourceRoot: "a".repeat(520_000), sources: Array(170_000).fill("") }],
    ["is none", { sources: [1] }],
    ["has no text where a source's is", { sourcesContent: [1] }],
  ])("where the map that was kept %s, is there as it came", async (name, wrong) => {
    const sound = { version: 3, sources: ["a.ts"], names: [name], mappings: "AAAA" };
    await put("release=7.0&path=a.js", JSON.stringify(sound));
    await api.sql`
      UPDATE source_map_bodies b SET bytes = ${gzipSync(JSON.stringify({ ...sound, ...wrong }))}
      FROM source_maps m WHERE m.hash = b.hash AND m.release = '7.0'`;
    const { stack, mapped } = await errorOf("7.0", ["https://shop.example/a.js:1:1"]);
    expect(stack).toContain("a.js");
    expect(mapped).toBeUndefined();
    await remove("release=7.0");
  });
});

describe("maps", () => {
  test("are replaced, listed and deleted; the same bytes are kept once", async () => {
    await put("release=2.0&path=https://shop.example/a.js%3Fv=1");
    await put("release=2.0&path=/b.js");
    await put("release=2.0&path=b.js", bundle.map.replace('"version":3', '"version":3,"x_more":1'));
    const list = async () => (await (await api.get(`${PATH}?release=2.0`, owner)).json()) as { source_maps: object[] };
    expect((await list()).source_maps).toMatchObject([{ path: "b.js" }, { path: "a.js" }]);
    expect(await api.sql`SELECT FROM source_map_bodies`).toHaveLength(2);
    expect(await remove("release=2.0&path=b.js")).toEqual({ status: 200, body: { deleted: 1 } });
    expect(await remove("release=2.0")).toEqual({ status: 200, body: { deleted: 1 } });
    expect(await remove("release=2.0")).toEqual({ status: 200, body: { deleted: 0 } });
    expect(await list()).toEqual({ source_maps: [] });
    expect(await api.sql`SELECT FROM source_map_bodies`).toHaveLength(1);
  });

  test.each([
    ["release=1&path=a.js", "", "body"],
    ["release=1&path=a.js", "{}", "body"],
    ["release=1&path=a.js", "not JSON", "body"],
    ["release=1&path=a.js", '{"version":2,"sources":["a"],"mappings":""}', "body"],
    ["release=1&path=a.js", '{"version":3,"sources":[],"mappings":""}', "body"],
    ["release=1&path=a.js", '{"version":3,"sources":["a"],"sourcesContent":[1],"mappings":""}', "body"],
    ["release=1&path=a.js", new Uint8Array([0xff, 0xfe, 0x00]), "body"],
    ["path=a.js", "{}", "release"],
    ["release=1", "{}", "path"],
    ["release=1&path=/", "{}", "path"],
    ["release=1%00&path=a.js", "{}", "release"],
  ])("%s with %j is a 400 that names the %s", async (query, body, field) => {
    const answer = await put(query, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ issues: [{ path: field }] });
  });

  test("longer than 32 MiB are refused", async () => {
    const answer = await put("release=1&path=a.js", new Uint8Array(32 * 1024 * 1024 + 1));
    expect(answer.status).toBe(413);
  });

  test("of other routes the bodies stay short", async () => {
    const answer = await api.request("/v1/projects/1/sql", {
      method: "POST",
      headers: { ...owner, "content-type": "application/json", "content-length": "80000" },
      body: " ".repeat(80_000),
    });
    expect(answer.status).toBe(413);
  });

  test("are put and deleted by members and up, and listed by every reader", async () => {
    const asked = async (headers: Record<string, string>) => [
      (await put("release=3.0&path=a.js", bundle.map, headers)).status,
      (await api.get(PATH, headers)).status,
      (await api.request(`${PATH}?release=3.0`, { method: "DELETE", headers })).status,
    ];
    for (const [role, statuses] of [
      ["member", [200, 200, 200]],
      ["viewer", [403, 200, 403]],
    ] as const) {
      await api.sql`UPDATE memberships SET role = ${role}`;
      expect(await asked(owner), role).toEqual(statuses);
    }
    await api.sql`UPDATE memberships SET role = 'owner'`;
    expect(await asked(api.reader)).toEqual([403, 200, 403]);
    expect(await asked({ authorization: `Bearer ${OTHER.readKey}` })).toEqual([404, 404, 404]);
    expect(await asked({})).toEqual([401, 401, 401]);
  });
});
