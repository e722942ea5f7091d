/** A site that serves the pages and each recorder's script, and takes what the recorders send as their servers would. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Recorder } from "./recorders.ts";
import { pageOf } from "./visits.ts";

/** What the recorder has sent. */
export interface Sent {
  requests: number;
  bytes: number;
}

export interface Site {
  url: string;
  sent: Sent;
  close(): void;
}

/** What each server answers, as far as its recorder needs it to record and to go on. */
const ANSWERS: [RegExp, unknown, number?][] = [
  [/^\/i$/, { status: "accepted", durable: "stream" }, 202],
  [/^\/config$/, { v: 1, sample_rate: 1, recording: true, retention_days: 90 }],
  [
    /^\/posthog\/array\/bench\/config$/,
    { sessionRecording: { endpoint: "/s/" }, supportedCompression: ["gzip", "gzip-js"] },
  ],
  [
    /^\/posthog\/flags/,
    { sessionRecording: { endpoint: "/s/" }, featureFlags: {}, supportedCompression: ["gzip", "gzip-js"] },
  ],
  [/^\/posthog\//, { status: 1 }],
  [/^\/api\/1\/envelope/, { id: "0".repeat(32) }],
  [
    /^\/openreplay\/v1\/web\/start/,
    {
      token: "token",
      userUUID: "00000000-0000-4000-8000-000000000000",
      projectID: "1",
      sessionID: "1",
      delay: 0,
      startTimestamp: Date.now(),
      beaconSizeLimit: 1_000_000,
      compressionThreshold: 24_000,
      canvasEnabled: false,
      canvasQuality: "low",
      canvasFPS: 1,
      assistOnly: false,
      features: {},
      conditions: [],
    },
  ],
  [/^\/openreplay\/v1\/web\/tags/, { tags: [] }],
  [/^\/openreplay\//, {}],
];

/** @param files what is served beside the pages, by path: scripts */
export async function openSite(recorder: Recorder, files: ReadonlyMap<string, string>): Promise<Site> {
  const sent: Sent = { requests: 0, bytes: 0 };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://site");
    let bytes = Buffer.byteLength(url.search);
    for await (const chunk of request) bytes += (chunk as Buffer).byteLength;
    if (request.method === "POST" && recorder.isIngest(url.pathname)) {
      sent.requests++;
      sent.bytes += bytes;
    }
    const file = files.get(url.pathname);
    const known = ANSWERS.find(([path]) => path.test(url.pathname));
    if (file !== undefined) {
      response.writeHead(200, { "Content-Type": "text/javascript; charset=utf-8" }).end(file);
    } else if (known) {
      response.writeHead(known[2] ?? 200, { "Content-Type": "application/json" }).end(JSON.stringify(known[1]));
    } else if (url.pathname === "/page") {
      response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
      response.end(document(recorder, Number(url.searchParams.get("nodes"))));
    } else response.writeHead(404).end();
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function document({ entry, head = "" }: Recorder, nodes: number): string {
  const script = entry === null ? head : '<script async src="/recorder.js"></script>';
  return `<!doctype html><html><head><meta charset="utf-8"><title>Bench</title>${script}</head><body>${pageOf(nodes)}</body></html>`;
}
