/** A small site with the snippet in it, and an edge that takes down what it is sent and answers as a test wants it. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** One `POST /i` as it came, in either format. */
export interface Delivery {
  path: string;
  query: URLSearchParams;
  /** All of the query that is the batch's own: none in the JSON format. */
  facts: string;
  contentType: string | undefined;
  userAgent: string | undefined;
  bytes: Buffer;
  /** Query and body together, as the JSON format has them. */
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
  release?: string;
  environment?: string;
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
  /** What `GET /config` answers: that all is recorded, unless a test sets something else. */
  config: () => Reply | null | Promise<Reply | null>;
  /** How often it was asked. */
  configAsked: number;
  /** What the edge answers; 202 unless a test sets something else. `null` cuts the connection. */
  answer: (batch: SentBatch) => Reply | null;
  accepted(): SentBatch[];
  close(): Promise<void>;
}

const ALL_IS_RECORDED = { v: 1, sample_rate: 1, recording: true, retention_days: 90 };
const ACCEPTED: Reply = { status: 202, body: { status: "accepted", durable: "stream" } };

const INGEST_PATHS = ["/i", "/collect"];

/** What a site shows at a path: HTML, or what answers by itself. */
export type Page = string | ((request: IncomingMessage, response: ServerResponse) => void);

/** `scripts` maps paths to the built files. */
export async function startSite(pages: Record<string, Page>, scripts: Record<string, string>): Promise<Site> {
  const deliveries: Delivery[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://site");
    if (INGEST_PATHS.includes(url.pathname)) void take(request, response, url);
    else if (url.pathname === "/config") void tellConfig(response);
    else if (scripts[url.pathname]) send(response, "text/javascript", scripts[url.pathname] as string);
    else show(request, response, pages[url.pathname]);
  });

  function show(request: IncomingMessage, response: ServerResponse, page: Page | undefined): void {
    if (typeof page === "function") page(request, response);
    else if (page) send(response, "text/html; charset=utf-8", page);
    else response.writeHead(404).end();
  }

  async function take(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const bytes = await readBody(request).catch(() => null);
    // The page was ended within its request.
    if (!bytes) return;
    if (request.method !== "POST") return void response.writeHead(405).end();
    const facts = new URLSearchParams(url.searchParams);
    for (const name of ["k", "t"]) facts.delete(name);
    const content = JSON.parse(String(plain(bytes)));
    const batch: SentBatch = facts.size > 0 ? { ...readFacts(facts), events: content } : content;
    const reply = site.answer(batch);
    deliveries.push({
      path: url.pathname,
      query: url.searchParams,
      facts: String(facts),
      contentType: request.headers["content-type"],
      userAgent: request.headers["user-agent"],
      bytes,
      batch,
      status: reply?.status ?? 0,
    });
    give(response, reply);
  }

  async function tellConfig(response: ServerResponse): Promise<void> {
    site.configAsked++;
    give(response, await site.config());
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const site: Site = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    deliveries,
    config: () => ({ status: 200, body: ALL_IS_RECORDED }),
    configAsked: 0,
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

function give(response: ServerResponse, reply: Reply | null): void {
  if (!reply) return void response.socket?.destroy();
  response.writeHead(reply.status, { "Content-Type": "application/json", ...reply.headers });
  response.end(JSON.stringify(reply.body ?? {}));
}

/** The framed format's query, as edge/framed-batch.ts reads it. */
function readFacts(query: URLSearchParams): Omit<SentBatch, "events"> {
  const members = [...query].map(([name, text]) => {
    if (["user", "dropped"].includes(name)) return [name, JSON.parse(text)];
    if (["seq", "sealed_at", "sealed_through"].includes(name)) return [name, Number(text)];
    return [name, name === "end" ? text === "1" : text];
  });
  return Object.fromEntries(members);
}

/** A body as it was before it was compressed, if it was. */
export function plain(body: Buffer): Buffer {
  const isGzip = body[0] === 0x1f && body[1] === 0x8b;
  return isGzip ? gunzipSync(body) : body;
}

function send(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { "Content-Type": type, "Access-Control-Allow-Origin": "*" }).end(text);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
