import type { Context, MiddlewareHandler } from "hono";
import { type PersonSession, sessionOf } from "./auth/session.ts";
import { findKey } from "./queries/find-key.ts";
import { Refusal } from "./refusal.ts";
import type { ApiEnv } from "./router.ts";
import type { Services } from "./services.ts";

/** Who asks: found out once a request, from a key or else from the session cookie. */
export type Caller =
  | { kind: "nobody" }
  | { kind: "key"; projectId: number; keyKind: "read" | "write"; keyId: string; prefix: string }
  | { kind: "person"; session: PersonSession };

const KEY_LENGTH_MAX = 256;

/** Sets `caller`. A key that nobody has is refused here, and never falls back to the cookie beside it. */
export function identify(services: Services): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    c.set("caller", await callerOf(c, services));
    await next();
  };
}

/** @throws Refusal `key_unknown` */
export async function callerOf(c: Context, services: Services): Promise<Caller> {
  const key = bearer(c);
  return key === null ? personOrNobody(c, services) : callerOfKey(services, key);
}

/** @throws Refusal `key_unknown`: no project has this key, or no longer */
export async function callerOfKey({ sql }: Pick<Services, "sql">, key: string): Promise<Caller> {
  const found = key.length <= KEY_LENGTH_MAX ? await findKey(sql, key) : null;
  if (!found) throw new Refusal("key_unknown");
  return {
    kind: "key",
    projectId: found.project_id,
    keyKind: found.kind,
    keyId: found.id,
    prefix: found.prefix,
  };
}

async function personOrNobody(c: Context, { sql, settings }: Services): Promise<Caller> {
  const session = await sessionOf(c, sql, settings);
  return session ? { kind: "person", session } : { kind: "nobody" };
}

/** The token of `Authorization: Bearer …`; null without the header. */
export function bearer(c: Context): string | null {
  const header = c.req.header("authorization");
  if (header === undefined) return null;
  const [, token] = /^Bearer +(\S+) *$/i.exec(header) ?? [];
  if (token === undefined) throw new Refusal("key_unknown", { detail: "Authorization is not of the form Bearer KEY" });
  return token;
}
