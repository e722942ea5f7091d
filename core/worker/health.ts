/** `GET /healthz` and `GET /metrics`. */
import { createServer, type Server } from "node:http";
import type { Registry } from "prom-client";

/** An engine's name and a question it must answer. */
export type Probes = Record<string, () => Promise<unknown>>;

export interface HealthSources {
  probes: Probes;
  registry: Registry;
  /** What the worker waits for at this moment, one line each. */
  waitingFor(): string[];
}

const PROBE_MS = 2_000;

/**
 * `/healthz` is 200 while every engine answers, else 503, and says which does not; `/metrics` has Prometheus' format.
 *
 * @param port 0 takes a free one
 * @throws Error with code EADDRINUSE where the port is taken
 */
export async function serveHealth(sources: HealthSources, host: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(request.method, request.url, sources)
      .catch((error: unknown) => ({ status: 500, type: "text/plain", body: String(error) }))
      .then(({ status, type, body }) => {
        response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store" }).end(body);
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return server;
}

async function answer(method: string | undefined, url: string | undefined, sources: HealthSources) {
  const path = url?.split("?", 1)[0];
  if (method === "GET" && path === "/healthz") return healthz(sources);
  if (method === "GET" && path === "/metrics") return metrics(sources);
  return { status: 404, type: "text/plain", body: "" };
}

async function healthz({ probes, waitingFor }: HealthSources) {
  const engines = Object.fromEntries(
    await Promise.all(Object.entries(probes).map(async ([name, probe]) => [name, await ask(probe)] as const)),
  );
  const ok = Object.values(engines).every((said) => said === "ok");
  const body = JSON.stringify({ status: ok ? "ok" : "unavailable", engines, waiting_for: waitingFor() });
  return { status: ok ? 200 : 503, type: "application/json", body };
}

async function metrics({ registry }: HealthSources) {
  return { status: 200, type: registry.contentType, body: await registry.metrics() };
}

/** `ok`, or why not. */
async function ask(probe: () => Promise<unknown>): Promise<string> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(`no answer within ${PROBE_MS / 1_000} s`), PROBE_MS);
  try {
    return await Promise.race([
      probe().then(
        () => "ok",
        (error: unknown) => (error instanceof Error && error.message) || "does not answer",
      ),
      late.promise,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
