/** A small site with the snippet in it, and an edge that takes down what it is sent and answers as a test wants it. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** One `POST /i` as it came. */
export interface Delivery {
  query: URLSearchParams;
  contentType: string | undefined;
  userAgent: string | undefined;
  bytes: Buffer;
  batch: SentBatch;
  status: number;
}

export interface SentBatch {
  seq: number;
  session_id: string;
  window_id: string;
  url: string;
  sealed_at: number;
  sealed_through: number;
  end?: boolean;
  user?: { id: string; email?: string };
  dropped?: { from: number; to: number; reason: string }[];
  events: SentEvent[];
}

export interface SentEvent {
  type: number;
  timestamp: number;
  data: { tag?: string; payload?: Record<string, unknown> };
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: object;
}

export interface Site {
  url: string;
  deliveries: Delivery[];
  /** What the edge answers; 202 unless a test sets something else. `null` cuts the connection. */
  answer: (batch: SentBatch) => Reply | null;
  accepted(): SentBatch[];
  close(): Promise<void>;
}

const ACCEPTED: Reply = { status: 202, body: { status: "accepted", durable: "stream" } };

/** `pages` maps paths to HTML; `script` is the text of `/rrhog.js`. */
export async function startSite(pages: Record<string, string>, script: string): Promise<Site> {
  const deliveries: Delivery[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://site");
    if (url.pathname === "/i") void take(request, response, url);
    else if (url.pathname === "/rrhog.js") send(response, "text/javascript", script);
    else if (pages[url.pathname]) send(response, "text/html; charset=utf-8", pages[url.pathname] as string);
    else response.writeHead(404).end();
  });

  async function take(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const bytes = await readBody(request);
    if (request.method !== "POST") return void response.writeHead(405).end();
    const batch = JSON.parse(String(isGzip(bytes) ? gunzipSync(bytes) : bytes)) as SentBatch;
    const reply = site.answer(batch);
    deliveries.push({
      query: url.searchParams,
      contentType: request.headers["content-type"],
      userAgent: request.headers["user-agent"],
      bytes,
      batch,
      status: reply?.status ?? 0,
    });
    if (!reply) return void request.socket.destroy();
    response.writeHead(reply.status, { "Content-Type": "application/json", ...reply.headers });
    response.end(JSON.stringify(reply.body ?? {}));
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const site: Site = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    deliveries,
    answer: () => ACCEPTED,
    /** Each batch once, in the order of its first 202. */
    accepted() {
      const taken = deliveries.filter(({ status }) => status === 202).map(({ batch }) => batch);
      const name = ({ session_id, window_id, seq }: SentBatch) => `${session_id}/${window_id}/${seq}`;
      return [...new Map(taken.toReversed().map((batch) => [name(batch), batch])).values()].reverse();
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return site;
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function send(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { "Content-Type": type }).end(text);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
