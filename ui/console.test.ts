import { describe, expect, it } from "vitest";
import { createConsole } from "./console.ts";
import { readSettings } from "./settings.ts";

const KIB = 1024;

const read = readSettings({});
if (!read.ok) throw new Error(read.error);
/** Pages that answer how long the form was. */
const app = createConsole(
  { respond: async (request) => new Response(String((await request.arrayBuffer()).byteLength)) },
  { settings: read.settings, folder: import.meta.dirname },
);

const send = (body: BodyInit, headers: Record<string, string> = {}) =>
  app.request("/sign-in", {
    method: "POST",
    headers: { "sec-fetch-site": "same-origin", ...headers },
    body,
    duplex: "half",
  } as RequestInit);

/** A body of no told length, and how much of it was taken. */
function chunked(bytes: number) {
  let taken = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (taken >= bytes) return controller.close();
      taken += 64 * KIB;
      controller.enqueue(new Uint8Array(64 * KIB));
    },
  });
  return { body, taken: () => taken };
}

describe("a form that is sent to the console", () => {
  it("reaches its page, as long as the longest one: 20,000 sessions to delete", async () => {
    const ids = Array.from({ length: 20_000 }, () => crypto.randomUUID()).join(" ");
    const form = new URLSearchParams({ intent: "delete", ids });
    expect(await (await send(form)).text()).toBe(String(form.toString().length));
    expect(await (await send(chunked(512 * KIB).body)).text()).toBe(String(512 * KIB));
  });

  it("is refused where it is longer, by the length that it tells", async () => {
    const answer = await send("", { "content-length": String(400 * KIB * KIB) });
    expect(answer.status).toBe(413);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("is refused where it is longer and tells no length, and is not read to its end", async () => {
    const form = chunked(400 * KIB * KIB);
    expect((await send(form.body)).status).toBe(413);
    expect(form.taken()).toBeLessThan(2 * KIB * KIB);
  });

  it("is refused where it comes from another site", async () => {
    expect((await send("", { "sec-fetch-site": "cross-site" })).status).toBe(403);
  });
});

it("lets go of a page's body that nobody asked for", async () => {
  let cancelled = false;
  const body = new ReadableStream({
    cancel() {
      cancelled = true;
    },
  });
  const streaming = createConsole(
    { respond: async () => new Response(body) },
    { settings: read.settings, folder: import.meta.dirname },
  );
  const answer = await streaming.request("/projects/1/sessions/a/live", { method: "HEAD" });
  expect(answer.status).toBe(200);
  expect(cancelled).toBe(true);
});
