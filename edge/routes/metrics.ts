import { createHash, timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { readAnswers } from "../answers.ts";
import type { EdgeEnv } from "../edge-env.ts";
import { readPlace } from "../place.ts";
import { rejectionResponse } from "../rejection.ts";
import { knownRelays, relayFigures, relayHealth } from "../relay/client.ts";

type Labels = Record<string, string>;
type Sample = [value: number, labels: Labels, suffix?: string];

/**
 * GET /metrics: counters in Prometheus' text format, for the core alone: `Authorization: Bearer {EDGE_SECRET}`.
 * Answers are those of the isolate that was hit, which in bare workerd is the only one; relays are those of the caller's
 * continent, and every other that may hold batches.
 */
export const metrics = new Hono<EdgeEnv>().get("/metrics", async (c) => {
  const { settings } = c.env;
  if (!isSame(c.req.header("Authorization") ?? "", `Bearer ${settings.EDGE_SECRET}`)) {
    return rejectionResponse({ code: "not_permitted" });
  }
  const { relays: known, registry } = await knownRelays(settings, readPlace(c.req.raw));
  const [health, figures] = await Promise.all([relayHealth(settings, known), relayFigures(settings, known)]);
  const relays = health.map((relay) => [relay, { relay: relay.name }] as const);
  const counted = figures.map((relay) => [relay, { relay: relay.name }] as const);
  const lines = [
    metric("answers_total", "counter", "Answers by status and reason.", [
      ...readAnswers().map(({ status, reason, count }): Sample => [count, { status: String(status), reason }]),
    ]),
    metric("registry_answers", "gauge", "Whether the registry says which other relays may hold batches.", [
      [Number(registry === "ok"), {}],
    ]),
    metric("relay_connected", "gauge", "Whether the relay is connected to NATS.", [
      ...relays.map(([{ connected }, labels]): Sample => [Number(connected), labels]),
    ]),
    metric("relay_breaker_open", "gauge", "Whether PubAcks are too late to wait for.", [
      ...relays.map(([{ breaker }, labels]): Sample => [Number(breaker === "open"), labels]),
    ]),
    metric("spool_batches", "gauge", "Batches in the spool.", [
      ...relays.map(([{ spooled_batches }, labels]): Sample => [spooled_batches, labels]),
    ]),
    metric("spool_bytes", "gauge", "Bytes in the spool.", [
      ...relays.map(([{ spooled_bytes }, labels]): Sample => [spooled_bytes, labels]),
    ]),
    metric("spool_oldest_age_seconds", "gauge", "How long the oldest spooled batch has waited.", [
      ...relays.map(([{ oldest_age_ms }, labels]): Sample => [(oldest_age_ms ?? 0) / 1_000, labels]),
    ]),
    metric("spool_stuck_batches", "gauge", "Spooled batches that NATS will not take as it is configured.", [
      ...relays.map(([{ stuck }, labels]): Sample => [stuck, labels]),
    ]),
    metric("relay_batches_total", "counter", "Batches by what became of them at once.", [
      ...counted.flatMap(([{ answers }, labels]) =>
        Object.entries(answers).map(([answer, count]): Sample => {
          const [outcome = "", reason = ""] = answer.split(" ");
          return [count, { ...labels, outcome, reason }];
        }),
      ),
    ]),
    metric("spool_drained_total", "counter", "Spooled batches that have reached the stream.", [
      ...counted.map(([{ drained }, labels]): Sample => [drained, labels]),
    ]),
    metric("puback_seconds", "histogram", "From the publish of a message to its PubAck.", [
      ...counted.flatMap(([{ puback_ms, puback_ms_sum, messages }, labels]) => [
        ...Object.entries(puback_ms).map(
          ([ms, count]): Sample => [
            count,
            { ...labels, le: ms === "+Inf" ? ms : String(Number(ms) / 1_000) },
            "_bucket",
          ],
        ),
        [puback_ms_sum / 1_000, labels, "_sum"] satisfies Sample,
        [messages, labels, "_count"] satisfies Sample,
      ]),
    ]),
  ];
  c.header("Content-Type", "text/plain; version=0.0.4");
  c.header("Cache-Control", "no-store");
  return c.body(`${lines.join("\n")}\n`);
});

/** By their hashes, so that the time tells neither content nor length. */
function isSame(one: string, other: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(one), hash(other));
}

/** Names and label values come from closed sets: none needs escaping. */
function metric(name: string, type: "counter" | "gauge" | "histogram", help: string, samples: Sample[]): string {
  const full = `rrhog_edge_${name}`;
  const lines = samples.map(([value, labels, suffix = ""]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    return `${full}${suffix}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
  });
  return [`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, ...lines].join("\n");
}
