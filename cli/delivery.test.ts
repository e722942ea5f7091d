import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { problem } from "#protocol/problem.ts";
import { BatchRefused, deliver } from "./delivery.ts";
import { sealBatches } from "./sealed-batch.ts";

const RECEIPT = { status: "accepted", session_id: "s", batch_id: "b", durable: "stream" };
const [BATCH] = sealBatches([Buffer.from('{"type":5,"timestamp":1}')], {
  sessionId: "3f0e8f0a-7c3b-4a52-9d0b-3f6f3a1f6a11",
  windowId: "w",
  batchSize: 1,
  gzip: true,
});

let edge: Server;
afterEach(() => edge.close());

/** An edge that answers so, one answer an attempt; `null` breaks the connection. */
async function edgeSaying(answers: (number | null)[], patienceMs = 60_000) {
  const bodies: string[] = [];
  const respond: RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(Buffer.concat(chunks).toString("base64"));
    const status = answers[Math.min(bodies.length, answers.length) - 1];
    if (typeof status !== "number") request.socket.destroy();
    else if (status === 202) response.writeHead(202).end(JSON.stringify(RECEIPT));
    else response.writeHead(status, { "retry-after": "0" }).end(JSON.stringify(problem("batch_not_durable")));
  };
  edge = createServer(respond).listen(0, "127.0.0.1");
  await new Promise((listening) => edge.once("listening", listening));
  const retries: string[] = [];
  const options = {
    edgeUrl: `http://127.0.0.1:${(edge.address() as AddressInfo).port}`,
    writeKey: "k",
    patienceMs,
    onRetry: (reason: string) => retries.push(reason),
  };
  if (!BATCH) throw new Error("a recording of one event makes one batch");
  return { bodies, retries, delivered: deliver(BATCH, options) };
}

describe("deliver", () => {
  it("sends the same bytes until their 202", async () => {
    const { bodies, retries, delivered } = await edgeSaying([503, null, 429, 202]);
    expect(await delivered).toMatchObject({ durable: "stream" });
    expect(new Set(bodies).size).toBe(1);
    expect(retries.map((reason) => reason.slice(0, 9))).toEqual(["503 batch", "no answer", "429 batch"]);
  });

  it("takes a refusal for what it is", async () => {
    const { bodies, delivered } = await edgeSaying([400]);
    await expect(delivered).rejects.toThrow(BatchRefused);
    expect(bodies).toHaveLength(1);
  });

  it("gives up when its patience ends, with the last reason", async () => {
    const { delivered } = await edgeSaying([null], 1_000);
    await expect(delivered).rejects.toThrow(/got no 202: no answer/);
  });
});
