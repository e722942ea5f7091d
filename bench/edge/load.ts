/** An HTTP load on loopback: few processor cycles a request, since the generator shares the machine with what it measures. */
import { connect, type Socket } from "node:net";

export interface Load {
  port: number;
  connections: number;
  /** Whole HTTP/1.1 requests as bytes, sent one after the other, over and over. */
  requests: readonly Buffer[];
  /** How long, ms. Requests under way at the end are waited for. */
  ms: number;
  /** Requests a second over all connections; as many as go without it. */
  rate?: number;
}

export interface LoadResult {
  /** Answers by status. */
  statuses: Map<number, number>;
  answers: number;
  perSecond: number;
  /** ms, sorted. With a rate, counted from when the request was due, if its connection was busy then. */
  latencies: Float64Array;
}

export async function runLoad({ port, connections, requests, ms, rate }: Load): Promise<LoadResult> {
  const statuses = new Map<number, number>();
  const latencies: number[] = [];
  const opened = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const began = performance.now();
  const until = began + ms;
  const everyMs = rate === undefined ? 0 : 1_000 / rate;
  let sent = 0;

  const ask = async (connection: Connection, turn: number, startedAt: number): Promise<void> => {
    const status = await connection.ask(requests[turn % requests.length] as Buffer);
    latencies.push(performance.now() - startedAt);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  };

  const atFullSpeed = async (connection: Connection): Promise<void> => {
    for (let now = began; now < until; now = performance.now()) await ask(connection, sent++, now);
  };

  /** What falls due while the connection is busy waits, and its wait counts. That the generator's own timer was late does not. */
  const atRate = async (connection: Connection, index: number): Promise<void> => {
    for (let turn = index; ; turn += connections) {
      const due = began + turn * everyMs;
      if (due >= until) return;
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      await ask(connection, turn, wait > 0 ? performance.now() : due);
    }
  };

  await Promise.all(opened.map(rate === undefined ? atFullSpeed : atRate));
  for (const connection of opened) connection.close();
  const seconds = (performance.now() - began) / 1_000;
  return {
    statuses,
    answers: latencies.length,
    perSecond: latencies.length / seconds,
    latencies: Float64Array.from(latencies).sort(),
  };
}

/** @param part 0 to 1 */
export function percentile({ latencies }: LoadResult, part: number): number {
  return latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? Number.NaN;
}

export interface HttpRequest {
  path: string;
  headers?: Record<string, string>;
  body: Uint8Array;
}

export function requestBytes({ path, headers = {}, body }: HttpRequest): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines.join("")}Content-Length: ${body.byteLength}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

interface Connection {
  ask(request: Buffer): Promise<number>;
  close(): void;
}

async function open(port: number): Promise<Connection> {
  const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  let answer: { resolve(status: number): void; reject(error: Error): void } | null = null;
  let received = "";
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
    const status = wholeAnswer(received);
    if (status === null) return;
    received = "";
    answer?.resolve(status);
  });
  socket.on("error", (error) => answer?.reject(error));
  socket.on("close", () => answer?.reject(new Error("the connection was closed")));
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        answer = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

/** The status of an answer that is all there. */
function wholeAnswer(text: string): number | null {
  const head = text.indexOf("\r\n\r\n");
  if (head < 0) return null;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head))?.[1];
  const isWhole = length === undefined ? text.endsWith("\r\n0\r\n\r\n") : text.length >= head + 4 + Number(length);
  return isWhole ? Number(text.slice(9, 12)) : null;
}
