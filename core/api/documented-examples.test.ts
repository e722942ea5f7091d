/** The examples that people are shown are requests that work: those of the OpenAPI document, and each `curl` of docs/. */
import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXAMPLE_SESSION } from "./parameters.ts";
import { startTestApi, type TestApi } from "./testing/api.ts";
import { joined } from "./testing/people.ts";
import { load, recordedPage } from "./testing/recording.ts";

const DOCS = new URL("../../docs/", import.meta.url);

let api: TestApi;
/** What no request here makes: an entry of the path below which it is. */
let known: [path: string, told: unknown[]][];
beforeAll(async () => {
  api = await startTestApi();
  const payloads = recordedPage(Date.now() - 60_000, { stepMs: 1_000 });
  const row = { user_id: "ada" };
  const session = { projectId: 1, sessionId: EXAMPLE_SESSION, windowId: "w", seq: 0, payloads };
  await load(api, { ...session, receivedAt: Date.now(), row });
  const letters = await api.sql`
    INSERT INTO dead_letters (identity, reason, body, stream_seq, project_id)
    VALUES ('\\x00', 'project_gone: project 1', '\\x00', 1, 1) RETURNING id`;
  known = [
    ["/v1/projects/{project_id}/members", [{ member_id: (await joined(api, "member")).id }]],
    ["/v1/projects/{project_id}/dead-letters", letters],
  ];
});
afterAll(() => api.drop());

interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  example?: unknown;
  schema: { example?: unknown };
}

interface Content {
  schema: { $ref?: string; example?: unknown; properties?: Record<string, { example?: unknown }> };
}

interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, unknown>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Content["schema"]> };
}

/** What needs another caller, another setting or a file: their own tests tell of it. */
const ELSEWHERE =
  /^\/edge\/|^\/v1\/auth\/(?!sign-in|demo|me|methods)|single-sign-on\/check$|\{hash\}|^\/mcp|\/sql$|POST .*\/first-run|PUT .*\/source-maps|^\/(sessions|replay)$/;

/** What makes comes before what is about it, and what takes the session away comes last. */
const ORDER = ["post", "put", "get", "patch", "delete"];
function placeOf(method: string, path: string): number {
  if (path.endsWith("/deletions/{receipt_id}")) return 30;
  if (path.endsWith("/deletions")) return 20;
  if (/\/sessions\/delete$|\/data$/.test(path) && method !== "get") return 10;
  if (method === "delete" && path.endsWith("/{session_id}")) return 10;
  return ORDER.indexOf(method);
}

/** What is made in a place comes after the place, and goes before it. */
const lengthOf = ({ method, path }: { method: string; path: string }) => (method === "delete" ? -1 : 1) * path.length;

test("each example of the OpenAPI document is answered as the document says", async () => {
  const document = (await (await api.get("/openapi.json")).json()) as Document;
  const operations = Object.entries(document.paths)
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
    .filter(({ path, method }) => !ELSEWHERE.test(path) && !ELSEWHERE.test(`${method.toUpperCase()} ${path}`))
    .toSorted((a, b) => placeOf(a.method, a.path) - placeOf(b.method, b.path) || lengthOf(a) - lengthOf(b));
  const headers = await api.signIn();
  const answers = new Map(known);
  for (const { path, method, operation } of operations) {
    const url = urlOf(path, operation.parameters ?? [], answers);
    const body = bodyOf(document, operation);
    const answer = await api.request(url, {
      method: method.toUpperCase(),
      headers: { ...headers, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const isStream = answer.headers.get("content-type") === "text/event-stream";
    const text = isStream ? await answer.body?.cancel() : await answer.text();
    expect.soft(answer.ok, `${method} ${url}: ${answer.status} ${text}`).toBe(true);
    expect.soft(Object.keys(operation.responses), `${method} ${url}`).toContain(String(answer.status));
    if (answer.headers.get("content-type") !== "application/json") continue;
    answers.set(path, [...(answers.get(path) ?? []), JSON.parse(text ?? "null")]);
  }
  expect(operations.length).toBeGreaterThan(50);
});

/** With all parameters that have an example; ids are those that the path's own list, or what was made there, told of. */
function urlOf(path: string, parameters: Parameter[], answers: Map<string, unknown[]>): string {
  const query = new URLSearchParams();
  let url = path;
  for (const { name, in: where, example, schema } of parameters) {
    const value = example ?? schema.example;
    if (where === "query" && value !== undefined) for (const one of [value].flat()) query.append(name, String(one));
    if (where !== "path") continue;
    const made = answers.get(name === "token" ? SHARES : path.slice(0, path.indexOf(`/{${name}}`))) ?? [];
    url = url.replace(`{${name}}`, encodeURIComponent(String(value ?? idIn(made, name) ?? `no ${name} is known`)));
  }
  return query.size > 0 ? `${url}?${query}` : url;
}

const SHARES = "/v1/projects/{project_id}/sessions/{session_id}/shares";

function idIn(told: unknown, name: string): unknown {
  if (Array.isArray(told)) return told.map((one) => idIn(one, name)).find((id) => id !== undefined);
  if (typeof told !== "object" || told === null) return undefined;
  const members = told as Record<string, unknown>;
  return members[name] ?? idIn(Object.values(members).filter(Array.isArray), name) ?? members.id;
}

/** That of the body, or of its members. */
function bodyOf(document: Document, { requestBody }: Operation): object | undefined {
  const schema = requestBody?.content["application/json"]?.schema;
  if (!schema) return undefined;
  const known = schema.$ref ? document.components.schemas[schema.$ref.split("/").at(-1) ?? ""] : schema;
  if (typeof known?.example === "object" && known.example) return known.example;
  const told = Object.entries(known?.properties ?? {}).filter(([, { example }]) => example !== undefined);
  return Object.fromEntries(told.map(([name, { example }]) => [name, example]));
}

test("each curl of docs/ is answered", async () => {
  const headers = { ...(await api.signIn()), "content-type": "application/json" };
  let ran = 0;
  for (const name of (await readdir(DOCS)).filter((name) => name.endsWith(".md"))) {
    const text = await readFile(new URL(name, DOCS), "utf8");
    for (const [command] of text.matchAll(/^curl (?:\\\n|.)*\/v1\/(?:\\\n|.)*$/gm)) {
      if (/\/sql |\/first-run /.test(command)) continue; // sql.test.ts and first-run.test.ts run them
      const path = /\/v1\/[^\s'"]+/.exec(command)?.[0] ?? "";
      const body = /-d '([^']*)'/.exec(command)?.[1];
      const method = /-X (\w+)/.exec(command)?.[1] ?? (body ? "POST" : "GET");
      const answer = await api.request(path, { method, headers, ...(body && { body }) });
      expect(answer.status, `${name}: ${command}\n${await answer.text()}`).toBeLessThan(300);
      ran++;
    }
  }
  expect(ran).toBeGreaterThan(1);
});
