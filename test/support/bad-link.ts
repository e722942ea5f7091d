/**
 * Stands between a page and the edge, as a site's own proxy under a path of its own (docs/on-your-site.md), and treats
 * batches as networks and servers do on a bad day.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * What happens to a batch: `500`, `429` and `413` are answered by the link, and the edge hears nothing; `slow` takes three
 * seconds; `reset` loses the answer of a batch that the edge has accepted; `cut` loses the batch.
 */
export type Weather = "fair" | "500" | "429" | "413" | "slow" | "reset" | "cut";

export interface BadLink {
  url: string;
  weather: Weather;
  /** How many batches met each weather. */
  met: Record<Weather, number>;
  close(): void;
}

const SLOW_MS = 3_000;
const PREFIX = "/rr";

export async function openBadLink(edgeUrl: string): Promise<BadLink> {
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const link: BadLink = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${PREFIX}`,
    weather: "fair",
    met: { fair: 0, 500: 0, 429: 0, 413: 0, slow: 0, reset: 0, cut: 0 },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isBatch = request.method === "POST";
    const weather = isBatch ? link.weather : "fair";
    if (isBatch) link.met[weather]++;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (weather === "cut") return void response.destroy();
    if (weather === "500" || weather === "429" || weather === "413") {
      const headers = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "Retry-After",
        "Retry-After": "1",
      };
      return void response.writeHead(Number(weather), headers).end();
    }
    if (weather === "slow") await sleep(SLOW_MS);
    const { host: _host, connection: _connection, ...headers } = request.headers;
    const answer = await fetch(`${edgeUrl}${request.url?.slice(PREFIX.length)}`, {
      method: request.method ?? "GET",
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      body: isBatch ? Buffer.concat(chunks) : null,
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (weather === "reset") return void response.destroy();
    const kept = [...answer.headers].filter(([name]) => !["content-encoding", "content-length"].includes(name));
    response.writeHead(answer.status, Object.fromEntries(kept)).end(body);
  }
  return link;
}
