import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningStack, startStack } from "./support/running-stack.ts";

const BATCHES = 20;

let stack: RunningStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

const session = randomUUID();
const windowId = randomUUID();

async function post(seq: number): Promise<void> {
  const events = [{ type: 5, timestamp: Date.now(), data: { tag: "live", payload: { seq } } }];
  const answer = await fetch(`${stack.addresses.edgeUrl}/i`, {
    method: "POST",
    headers: { authorization: "Bearer dev_write_123", "content-type": "application/json" },
    body: JSON.stringify({ session_id: session, window_id: windowId, seq, events, end: seq === BATCHES }),
  });
  expect(answer.status).toBe(202);
  await answer.body?.cancel();
}

const api = (path: string) =>
  fetch(`${stack.addresses.apiUrl}/v1/projects/1/${path}`, { headers: { authorization: "Bearer dev_read_123" } });

it("what is posted is seen by who watches, in order and once, soon after its 202", async () => {
  await post(0);
  await expect.poll(async () => (await api(`sessions/${session}`)).status, { timeout: 60_000 }).toBe(200);
  expect(JSON.stringify(await (await api("live")).json())).toContain(session);

  const answer = await api(`sessions/${session}/live`);
  const seen: { seq: number; at: number }[] = [];
  const ended = (async () => {
    const utf8 = new TextDecoder();
    let text = "";
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      text += utf8.decode(chunk, { stream: true });
      for (let end = text.indexOf("\n\n"); end !== -1; end = text.indexOf("\n\n")) {
        const seq = /^event: batch\ndata: .*"seq":(\d+),"events"/m.exec(text.slice(0, end))?.[1];
        if (seq !== undefined) seen.push({ seq: Number(seq), at: performance.now() });
        text = text.slice(end + 2);
      }
    }
  })();

  const accepted: number[] = [];
  for (let seq = 1; seq <= BATCHES; seq++) {
    await post(seq);
    accepted[seq] = performance.now();
    await expect.poll(() => seen.at(-1)?.seq, { timeout: 60_000, interval: 10 }).toBe(seq);
  }
  await ended; // with the session
  expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: BATCHES + 1 }, (_, seq) => seq));
  const waits = seen.slice(1).map(({ seq, at }) => at - (accepted[seq] ?? Number.NaN));
  const sorted = waits.toSorted((a, b) => a - b).map(Math.round);
  console.log(`from its 202 to the watcher: ${sorted[BATCHES >> 1]} ms in the median, ${sorted.at(-1)} ms at most`);
});
