/** Plays the edge while visitors are recorded: hands out the recorder and keeps every batch it is sent. */
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { RecordedBatch } from "./recording.ts";

export interface RecordingEdge {
  port: number;
  /** Every distinct batch, in the order it first came. */
  batches: Map<string, RecordedBatch>;
  close(): void;
}

/** `script` is where the built recorder lies, its lazy part beside it. */
export async function startRecordingEdge(script: URL): Promise<RecordingEdge> {
  const recorder = await readFile(script);
  const observe = await readFile(new URL("rrhog-observe.js", script));
  const batches = new Map<string, RecordedBatch>();
  const server: Server = createServer((request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    if (request.method !== "POST") {
      response.setHeader("Content-Type", "text/javascript");
      response.end(request.url?.endsWith("/observe.js") ? observe : recorder);
      return;
    }
    buffer(request).then((bytes) => {
      const text = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
      const facts = readFacts(new URL(request.url ?? "/", "http://edge").searchParams);
      const content: unknown = JSON.parse(String(text));
      const batch = RecordedBatch.parse("seq" in facts ? { ...facts, events: content } : content);
      const id = `${batch.session_id}/${batch.window_id}/${batch.seq}`;
      // A page that goes may send what its successor sends again.
      if (!batches.has(id)) batches.set(id, batch);
      response.writeHead(202, { "Content-Type": "application/json" }).end('{"status":"accepted"}');
    }, console.error);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    batches,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The query of a framed batch as the JSON format has it: recordings are sent in that one. */
function readFacts(query: URLSearchParams): Record<string, unknown> {
  const facts: Record<string, unknown> = {};
  for (const [name, text] of query) {
    if (["k", "t"].includes(name)) continue;
    const isJson = ["seq", "sealed_at", "sealed_through", "user", "dropped"].includes(name);
    facts[name] = isJson ? JSON.parse(text) : name === "end" ? text === "1" : text;
  }
  return facts;
}
