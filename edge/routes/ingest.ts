import { type Context, Hono } from "hono";
import * as z from "zod";
import { ClientMs, type Receipt } from "#protocol/batch.ts";
import type { EdgeProject } from "#protocol/edge-project.ts";
import { admit } from "../admit.ts";
import { countAnswer } from "../answers.ts";
import { checkBodyHeaders, readBody } from "../body.ts";
import type { EdgeEnv } from "../edge-env.ts";
import { parseJsonBatch } from "../json-batch.ts";
import { isOriginAllowed, letPageRead, preflightResponse } from "../origin.ts";
import { readPlace } from "../place.ts";
import { accept, type Result, refuse, rejectionResponse } from "../rejection.ts";
import { publish } from "../relay/client.ts";

/** Seconds. Short, since recorders add their own backoff. */
const RETRY_AFTER = 2;
/** The period of ADDRESS_LIMIT in wrangler.toml, seconds. */
const ADDRESS_LIMIT_PERIOD = 10;

/** A clock's ms as a header or parameter tells it: digits only, where Number() takes "", "0x1" and "1e3" too. */
const SentAt = z
  .string()
  .regex(/^\d{1,16}(\.\d{1,6})?$/, "milliseconds since 1970")
  .transform(Number)
  .pipe(ClientMs);

/**
 * POST /i: one batch of rrweb events (protocol/batch.ts `JsonBatch`), plain or as gzip, deflate or br. The key comes as
 * `Authorization: Bearer`, `X-Write-Key`, `?k=` or `project_write_key` in the body, the first of these that is there.
 * `X-Sent-At` or `?t=` is the client's clock at this attempt, ms.
 *
 * 202 with a `Receipt` once JetStream has said that it holds the batch (`"durable": "stream"`), or the relay's own storage
 * does (`"spool"`); else a problem of protocol/problem.ts.
 */
export const ingest = new Hono<EdgeEnv>()
  .options("/i", async (c) => preflightResponse(c.req.header("Origin") ?? null, await mayPreflight(c)))
  .post("/i", async (c) => {
    const result = await receive(c);
    const response = result.ok ? receiptResponse(result.value) : rejectionResponse(result.rejection);
    const originRefused = !result.ok && result.rejection.code === "origin_not_allowed";
    letPageRead(response.headers, originRefused ? null : (c.req.header("Origin") ?? null));
    return response;
  });

function receiptResponse(receipt: Receipt): Response {
  countAnswer(202, receipt.durable);
  return Response.json(receipt, { status: 202 });
}

async function receive(c: Context<EdgeEnv>): Promise<Result<Receipt>> {
  const { settings } = c.var;
  const place = readPlace(c.req.raw);
  if (!(await isWithinAddressLimit(c))) {
    return refuse("too_many_requests", { detail: "The limit of this address.", retryAfter: ADDRESS_LIMIT_PERIOD });
  }
  const encoding = checkBodyHeaders(c.req.raw.headers);
  if (!encoding.ok) return encoding;
  const sentAt = readSentAt(c);
  if (!sentAt.ok) return sentAt;

  // A key outside the body is checked before the body is read, so that a stranger's costs nothing.
  const outerKey = keyOutsideBody(c);
  const early = outerKey === null ? null : await authorise(c, outerKey);
  if (early && !early.ok) return early;
  const body = await readBody(c.req.raw, encoding.value);
  if (!body.ok) return body;
  const parsed = parseJsonBatch(body.value.inflated);
  if (!parsed.ok) return parsed;
  const project = early ?? (await authorise(c, parsed.value.batch.project_write_key));
  if (!project.ok) return project;

  const envelope = admit(project.value, body.value, parsed.value, {
    receivedAt: Date.now(),
    sentAt: sentAt.value,
    userAgent: c.req.header("User-Agent") ?? null,
    country: place.country,
  });
  if (!envelope.ok) return envelope;
  const outcome = await publish(settings, place, project.value.jurisdiction, {
    envelope: envelope.value,
    body: body.value.sent,
  });
  if (outcome.kind === "not_durable") {
    return refuse("batch_not_durable", { detail: `The relay says: ${outcome.reason}.`, retryAfter: RETRY_AFTER });
  }
  const { session_id, batch_id } = envelope.value;
  return accept({ status: "accepted", session_id, batch_id, durable: outcome.kind === "acked" ? "stream" : "spool" });
}

/** Whose key it is, if it may write from the page that sent it. */
async function authorise(c: Context<EdgeEnv>, key: string | null | undefined): Promise<Result<EdgeProject>> {
  if (!key) return refuse("key_missing");
  const answer = await c.var.keys.lookUp(key, (work) => c.executionCtx.waitUntil(work));
  if (answer.kind === "unknown") return refuse("key_unknown");
  if (answer.kind === "not_checkable") return refuse("key_not_checkable", { retryAfter: RETRY_AFTER });
  if (answer.project.key_kind !== "write") return refuse("key_kind_wrong");
  if (!isOriginAllowed(c.req.header("Origin") ?? null, answer.project.allowed_origins)) {
    return refuse("origin_not_allowed");
  }
  return accept(answer.project);
}

/** A preflight carries no headers of ours: only a key in the query tells whose allowlist counts. The batch is checked. */
async function mayPreflight(c: Context<EdgeEnv>): Promise<boolean> {
  const key = c.req.query("k");
  if (!key) return true;
  const authorised = await authorise(c, key);
  return authorised.ok || authorised.rejection.code !== "origin_not_allowed";
}

function keyOutsideBody(c: Context<EdgeEnv>): string | null {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(c.req.header("Authorization") ?? "") ?? [];
  return bearer || c.req.header("X-Write-Key") || c.req.query("k") || null;
}

function readSentAt(c: Context<EdgeEnv>): Result<number | null> {
  const header = c.req.header("X-Sent-At");
  const text = header ?? c.req.query("t");
  if (text === undefined) return accept(null);
  const read = SentAt.safeParse(text);
  if (read.success) return accept(read.data);
  const [issue] = read.error.issues;
  const path = header === undefined ? "?t" : "X-Sent-At";
  return refuse("body_malformed", { issues: [{ path, message: issue?.message ?? "malformed" }] });
}

async function isWithinAddressLimit(c: Context<EdgeEnv>): Promise<boolean> {
  const limit = c.var.settings.ADDRESS_LIMIT;
  const address = c.req.header("CF-Connecting-IP");
  if (!limit || !address) return true;
  return (await limit.limit({ key: address })).success;
}
