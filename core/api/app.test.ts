import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Problem } from "#protocol/problem.ts";
import { EDGE_SECRET, startTestApi, type TestApi } from "./testing/api.ts";
import { load, recordedPage } from "./testing/recording.ts";

const T0 = Date.now() - 86_400_000;
const SESSION = randomUUID();

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  const payloads = recordedPage(T0);
  await load(api, { projectId: 1, sessionId: SESSION, windowId: "w", seq: 0, payloads, receivedAt: T0 });
});
afterAll(() => api.drop());

interface Operation {
  summary?: string;
  parameters?: { name: string; in: string }[];
  responses: Record<string, unknown>;
}

async function document(): Promise<{ openapi: string; paths: Record<string, Record<string, Operation>> }> {
  return (await api.get("/openapi.json")).json() as ReturnType<typeof document>;
}

describe("what is not there", () => {
  test.each(["/", "/v1", "/v1/nothing", "/docs/package.json", "/docs/..%2f..%2fpackage.json"])("%s", async (path) => {
    const answer = await api.get(path, api.reader);
    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(Problem.parse(await answer.json()).code).toBe("not_found");
  });

  test("a method that a route does not take is a 405 that says which it does", async () => {
    const answer = await api.request("/v1/projects/1/sessions", { method: "POST", headers: api.reader });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toContain("GET");
    expect(Problem.parse(await answer.json()).code).toBe("method_not_allowed");
    expect((await api.get("/v1/auth/sign-in")).status).toBe(405);
  });

  test("HEAD is answered as GET, without the body", async () => {
    const answer = await api.request(`/v1/projects/1/sessions/${SESSION}/events`, {
      method: "HEAD",
      headers: api.reader,
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("etag")).not.toBeNull();
    expect(await answer.text()).toBe("");
  });
});

describe("every answer", () => {
  test("says that browsers may neither guess, nor frame, nor run, nor keep it", async () => {
    for (const path of ["/healthz", "/v1/projects", "/nothing"]) {
      const { headers } = await api.get(path, api.reader);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  test("leaves no key, address, id or search text in the log", async () => {
    const secrets = ["dev_read_123", "rrhog_session", "ada@example.com", SESSION, EDGE_SECRET, "demo_password_123"];
    await api.get(`/sessions?read_key=dev_read_123`);
    await api.get(`/replay?read_key=dev_read_123&session_id=${SESSION}`);
    await api.get(`/v1/projects/1/sessions?user=ada@example.com`, api.reader);
    await api.get(`/v1/projects/1/sessions/${SESSION}`, await api.signIn());
    await api.get("/dev_read_123", { authorization: `Bearer ${EDGE_SECRET}` });
    const log = api.logged.join("");
    expect(log).toContain('"route":"/v1/projects/:project_id/sessions/:session_id"');
    for (const secret of secrets) expect(log).not.toContain(secret);
  });

  test("is counted by route", async () => {
    const metrics = await (await api.get("/metrics")).text();
    expect(metrics).toMatch(
      /rrhog_api_request_duration_seconds_count\{method="GET",route="\/sessions",status="200"\} \d/,
    );
    expect(metrics).toMatch(/route="none",status="404"/);
    expect(metrics).not.toContain(SESSION);
  });
});

describe("the documentation", () => {
  test("names every route with what it answers", async () => {
    const { openapi, paths } = await document();
    expect(openapi).toBe("3.1.0");
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        "/healthz",
        "/metrics",
        "/edge/projects/{key_hash}",
        "/v1/auth/sign-in",
        "/v1/projects/{project_id}/sessions/{session_id}/events",
        "/replay",
      ]),
    );
    for (const [path, operations] of Object.entries(paths)) {
      for (const operation of Object.values(operations)) {
        expect(operation.summary, path).toBeTruthy();
        expect(Object.keys(operation.responses).length, path).toBeGreaterThan(0);
        const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
        expect(inPath.map(({ name }) => `{${name}}`).sort(), path).toEqual((path.match(/\{\w+\}/g) ?? []).sort());
      }
    }
  });

  test("is not sent again to who has it, compressed or not", async () => {
    const first = await api.get("/openapi.json", { "accept-encoding": "gzip" });
    expect(first.headers.get("content-encoding")).toBe("gzip");
    expect(first.headers.get("cache-control")).toBe("no-cache");
    const etag = first.headers.get("etag") ?? "";
    const again = await api.get("/openapi.json", { "if-none-match": etag });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
    expect((await api.get("/openapi.json", { "if-none-match": 'W/"another"' })).status).toBe(200);
  });

  test("can be browsed, from this host alone", async () => {
    const page = await api.get("/docs");
    expect(page.headers.get("content-security-policy")).toMatch(/default-src 'none'; script-src 'self'/);
    const html = await page.text();
    expect(html).not.toMatch(/https?:/);
    for (const [, asset] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await api.get(asset ?? "")).status, asset).toBe(200);
    }
  });
});

describe("whatever is sent", () => {
  /** What a person, a program or an attacker may put where a parameter stands. */
  const value = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.integer().map(String),
    fc.constantFrom(
      "",
      "0",
      "-1",
      "1e9",
      "NaN",
      "null",
      "2026-11-23",
      "2026-11-23T00:00:00Z",
      "9999-12-31",
      "0001-01-01",
    ),
    fc.constantFrom(
      "' OR 1=1 --",
      "'; DROP TABLE sessions_meta; --",
      "{x:UInt32}",
      "\\",
      "%",
      "_",
      "\0",
      "../..",
      "true",
    ),
    fc.constantFrom(SESSION, "w", "day", "minute", "a".repeat(3_000), "W10", "eyJ9", "٣", "💥", "\ud800"),
  );

  test("no parameter of any route brings it out of order, or the tables", async () => {
    const { paths } = await document();
    const operations = Object.entries(paths).filter(([, methods]) => methods.get !== undefined && !("hide" in methods));
    const request = fc.constantFrom(...operations).chain(([path, methods]) => {
      const parameters = (methods.get?.parameters ?? []).filter(({ in: place }) => place !== "header");
      return fc.record({
        path: fc.constant(path),
        values: fc.record(Object.fromEntries(parameters.map(({ name }) => [name, fc.option(value)]))),
        inPath: fc.boolean(),
      });
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ path, values, inPath }) => {
        const url = urlOf(path, values as Record<string, string | null>, inPath);
        const authorization = path.startsWith("/edge") ? `Bearer ${EDGE_SECRET}` : api.reader.authorization;
        const answer = await api.get(url, { ...(authorization && { authorization }) });
        const text = await answer.text();
        expect(answer.status, `${url} ${text}`).toBeLessThan(500);
        if (answer.status >= 400) expect(Problem.safeParse(JSON.parse(text)).success, url).toBe(true);
        if (answer.status === 400) expect(JSON.parse(text).issues?.length, url).toBeGreaterThan(0);
      }),
      { numRuns: 250 },
    );
    expect((await api.get(`/v1/projects/1/sessions/${SESSION}/events`, api.reader)).status).toBe(200);
  });

  /** @param inPath whether path parameters are made up as well; else they name what is there */
  function urlOf(path: string, values: Record<string, string | null>, inPath: boolean): string {
    const there: Record<string, string> = { project_id: "1", session_id: SESSION, key_hash: "0".repeat(64) };
    const query = new URLSearchParams();
    const inPlace = path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const made = inPath ? values[name] : undefined;
      return encodeURIComponent((made || there[name] || "x").toWellFormed());
    });
    for (const [name, made] of Object.entries(values)) {
      if (made !== null && !path.includes(`{${name}}`)) query.set(name, made);
    }
    return `${inPlace}?${query}`;
  }
});
