import { z } from "zod";

const Settings = z
  .object({
    /** `http://user:password@host:port/database` */
    CLICKHOUSE_URL: z.url(),
    /** Of `rrhog_sql`, as which people's own queries run on the same server: docs/sql.md. */
    CLICKHOUSE_SQL_PASSWORD: z.string().default(""),
    /** `postgres://user:password@host:port/database` */
    POSTGRES_URL: z.url(),
    API_HOST: z.string().default("127.0.0.1"),
    /** 0 takes a free one. */
    API_PORT: z.coerce.number().int().min(0).max(65_535).default(8788),
    /** What the edge shows to ask for a project by its key. */
    EDGE_SECRET: z.string().min(16),
    /** Signs the session cookies: whoever has it can be anybody. */
    AUTH_SECRET: z.string().min(32),
    /** Where people open the console. Its cookies are `Secure` where this is https. */
    UI_URL: z.url().default("http://127.0.0.1:3000"),
    /** `1` in the embedded stack only: the development keys and the demo owner are allowed, and one click signs in. */
    RRHOG_EMBEDDED: z.enum(["0", "1"]).default("0"),
    /** What the first person shows to become the owner; without it the API logs one while there is nobody. */
    SETUP_TOKEN: z.string().min(16).max(256).optional(),
    /** The identity provider's; with it go OIDC_CLIENT_ID and OIDC_CLIENT_SECRET. http on this machine only. */
    OIDC_ISSUER: z
      .url()
      .refine((url) => /^https:|^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(url), "https")
      .optional(),
    OIDC_CLIENT_ID: z.string().min(1).optional(),
    OIDC_CLIENT_SECRET: z.string().min(1).optional(),
    /** Only addresses of these domains come in, e.g. `example.com,example.org`; empty for all. */
    OIDC_EMAIL_DOMAINS: z
      .string()
      .default("")
      .transform((text) => listOf(text.toLowerCase())),
    /** The claim whose values OIDC_ROLES speaks of. */
    OIDC_ROLE_CLAIM: z.string().min(1).default("groups"),
    /** Which roles single sign-on gives: `1:viewer,replay-admins=1:admin`. */
    OIDC_ROLES: z.string().default("").transform(oidcRoles),
    /** As the worker's: receipts of deletions state it. */
    STREAM_KEPT_H: z.coerce.number().positive().max(8_760).default(24),
    LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  })
  .superRefine((settings, context) => {
    if (settings.OIDC_ISSUER === undefined) return;
    for (const name of ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"] as const) {
      if (settings[name] === undefined)
        context.addIssue({ code: "custom", path: [name], message: "goes with OIDC_ISSUER" });
    }
  });
export type Settings = z.infer<typeof Settings>;

export interface OidcRole {
  /** Of whom OIDC_ROLE_CLAIM has it; null for everybody. */
  claim: string | null;
  projectId: number;
  role: "admin" | "member" | "viewer";
}

function oidcRoles(text: string, context: z.RefinementCtx): OidcRole[] {
  return listOf(text).map((rule) => {
    const [, claim, projectId, role] = /^(?:(.+)=)?([1-9]\d{0,8}):(admin|member|viewer)$/.exec(rule) ?? [];
    if (!projectId) context.addIssue({ code: "custom", message: `${rule} is not of the form [value=]project:role` });
    return { claim: claim ?? null, projectId: Number(projectId), role: role as OidcRole["role"] };
  });
}

function listOf(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

/** @throws Error with one line that names each variable that is missing or wrong */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const parsed = Settings.safeParse(env);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join(".")} (${message})`);
  throw new Error(`set ${wrong.join(", ")}`);
}
