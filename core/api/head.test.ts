import { Hono } from "hono";
import { expect, test } from "vitest";
import { letGoOfHead } from "./head.ts";

test.each([
  ["HEAD", true],
  ["GET", false],
])("%s lets go of the body by itself: %s", async (method, isLetGo) => {
  let cancelled = false;
  const body = new ReadableStream({
    cancel() {
      cancelled = true;
    },
  });
  const app = new Hono();
  app.use(letGoOfHead);
  app.get("/", (c) => c.body(body, 200, { "content-type": "application/x-ndjson" }));
  const answer = await app.request("/", { method });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
  expect(cancelled).toBe(isLetGo);
});
