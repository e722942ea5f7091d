/** Who sends a batch, and whether they may: the same for each route that takes one. */
import type { Context } from "hono";
import type { EdgeProject } from "#protocol/edge-project.ts";
import { TIMESTAMP_MS_MAX } from "#protocol/limits.ts";
import { isOriginAllowed } from "#protocol/origin.ts";
import type { EdgeEnv } from "./edge-env.ts";
import { accept, type Refusal, type Result, refuse } from "./rejection.ts";
import type { KeyAnswer } from "./settings/keys.ts";

/** Seconds. Short, since recorders add their own backoff. */
export const RETRY_AFTER = 2;
/** The period of ADDRESS_LIMIT in wrangler.toml, seconds. */
const ADDRESS_LIMIT_PERIOD = 10;

/**
 * Whose key it is, if it may write from the page that sent it. At once where the core said so a moment ago.
 * @param origin of that page
 */
export function authorise(
  c: Context<EdgeEnv>,
  key: string | null,
  origin: string | null,
): Result<EdgeProject> | Promise<Result<EdgeProject>> {
  if (!key) return refuse("key_missing");
  const defer = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
  const answer = c.env.keys.fresh(key, defer, origin);
  if (answer) return mayWrite(answer, origin);
  return c.env.keys.lookUp(key, defer, origin).then((found) => mayWrite(found, origin));
}

function mayWrite(answer: KeyAnswer, origin: string | null): Result<EdgeProject> {
  if (answer.kind === "unknown") return refuse("key_unknown");
  if (answer.kind === "not_checkable") return refuse("key_not_checkable", { retryAfter: RETRY_AFTER });
  if (answer.project.key_kind !== "write") return refuse("key_kind_wrong");
  if (!isOriginAllowed(origin, answer.project.allowed_origins)) return refuse("origin_not_allowed");
  return accept(answer.project);
}

/** What the address says, parsed once a request. */
export type Query = Readonly<Record<string, string>>;

/** `Authorization: Bearer`, `X-Write-Key` or `?k=`, the first of these that is there. */
export function keyOutsideBody(c: Context<EdgeEnv>, query: Query): string | null {
  const authorization = c.req.header("Authorization");
  const bearer = authorization === undefined ? null : /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  return bearer || c.req.header("X-Write-Key") || query.k || null;
}

/** Digits only, where Number() takes "", "0x1" and "1e3" too. */
const MILLISECONDS = /^\d{1,16}(\.\d{1,6})?$/;

/** The client's clock at this attempt, ms: `X-Sent-At` or `?t=`. */
export function readSentAt(c: Context<EdgeEnv>, query: Query): Result<number | null> {
  const header = c.req.header("X-Sent-At");
  const text = header ?? query.t;
  if (text === undefined) return accept(null);
  const milliseconds = MILLISECONDS.test(text) ? Number(text) : Number.NaN;
  if (milliseconds <= TIMESTAMP_MS_MAX) return accept(milliseconds);
  const path = header === undefined ? "?t" : "X-Sent-At";
  return refuse("body_malformed", { issues: [{ path, message: "expected milliseconds since 1970" }] });
}

/**
 * As `authorise`, for a request that brings no batch. The limit of its address holds here too: each key that nobody knows
 * would be asked of the core.
 */
export async function authoriseAsking(
  c: Context<EdgeEnv>,
  key: string | null,
  origin: string | null,
): Promise<Result<EdgeProject>> {
  const refused = await overAddressLimit(c);
  return refused ?? authorise(c, key, origin);
}

/** The refusal, if its address has asked too often; null at once where the platform counts no addresses. */
export function overAddressLimit(c: Context<EdgeEnv>): Promise<Refusal | null> | null {
  const limit = c.env.settings.ADDRESS_LIMIT;
  const address = limit && c.req.header("CF-Connecting-IP");
  return address ? countAddress(limit, address) : null;
}

async function countAddress(limit: RateLimit, address: string): Promise<Refusal | null> {
  if ((await limit.limit({ key: address })).success) return null;
  return refuse("rate_limited", {
    limit: "address",
    detail: "The limit of this address.",
    retryAfter: ADDRESS_LIMIT_PERIOD,
  });
}
