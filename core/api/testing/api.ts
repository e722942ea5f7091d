/** The API over fresh, real engines, with its demo project, as the embedded stack has it. */
import { randomBytes } from "node:crypto";
import pino from "pino";
import { type FreshDatabases, freshDatabases } from "../../../test/support/databases.ts";
import { createApp } from "../app.ts";
import { openBetterAuth } from "../auth/better-auth.ts";
import { DEMO_KEYS, DEMO_OWNER } from "../auth/development-access.ts";
import { SESSION_COOKIE } from "../auth/session.ts";
import { SignInLimit } from "../auth/sign-in-limit.ts";
import { createMetrics } from "../metrics.ts";
import { secretHash } from "../secret-hash.ts";
import { seedDemo } from "../seed-demo.ts";
import { readSettings } from "../settings.ts";

export const EDGE_SECRET = "edge-secret-of-the-tests";

/** A second project, whose data project 1 must never see. */
export const OTHER = { id: 2, name: "Other", readKey: "other_read_456", writeKey: "other_write_456" };

type Engines = Omit<FreshDatabases, "drop">;

export interface TestApi extends FreshDatabases {
  /** What the API logged, a line each. */
  logged: string[];
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  request(path: string, init?: RequestInit): Promise<Response>;
  /** `Authorization` with project 1's read key. */
  reader: Record<string, string>;
  /** `Cookie` of the demo owner, or of somebody else with the same password. */
  signIn(email?: string): Promise<Record<string, string>>;
}

export async function startTestApi(env: Record<string, string> = {}): Promise<TestApi> {
  const databases = await freshDatabases();
  const { sql } = databases;
  await seedDemo(sql);
  await sql`INSERT INTO projects ${sql({ id: OTHER.id, name: OTHER.name })}`;
  await sql`SELECT setval(pg_get_serial_sequence('projects', 'id'), ${OTHER.id})`;
  for (const [kind, key] of [
    ["read", OTHER.readKey],
    ["write", OTHER.writeKey],
  ] as const) {
    await sql`INSERT INTO project_keys ${sql({ key_hash: secretHash(key), project_id: OTHER.id, kind, prefix: "other" })}`;
  }
  return { ...databases, ...openApi(databases, env) };
}

/** The API over engines that are there already, by whatever way it is to reach them. */
export function openApi(engines: Engines, env: Record<string, string> = {}): Omit<TestApi, keyof FreshDatabases> {
  const settings = readSettings({
    POSTGRES_URL: engines.postgresUrl,
    CLICKHOUSE_URL: engines.clickhouseUrl,
    EDGE_SECRET,
    AUTH_SECRET: randomBytes(32).toString("base64url"),
    RRHOG_EMBEDDED: "1",
    ...env,
  });
  const logged: string[] = [];
  const app = createApp({
    ...engines,
    settings,
    auth: openBetterAuth(engines.sql, settings),
    limit: new SignInLimit(),
    metrics: createMetrics(),
    log: pino({ level: "info" }, { write: (line) => void logged.push(line) }),
    stopping: new AbortController().signal,
  });
  const request = async (path: string, init?: RequestInit) => app.request(path, init);
  return {
    logged,
    request,
    get: (path, headers = {}) => request(path, { headers }),
    reader: { authorization: `Bearer ${DEMO_KEYS.read}` },
    async signIn(email = DEMO_OWNER.email) {
      const answer = await request("/v1/auth/sign-in", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email, password: DEMO_OWNER.password }),
      });
      const [cookie] = answer.headers.getSetCookie();
      return { cookie: cookie?.split(";")[0] ?? `${SESSION_COOKIE}=` };
    },
  };
}
