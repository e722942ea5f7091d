/** The refusals of all HTTP parts: one code each, one status a code, one JSON shape (RFC 9457). */
import * as z from "zod";

const PROBLEMS = {
  // ingest
  body_malformed: [400, "The body is not what this route takes"],
  key_missing: [401, "No key was sent"],
  key_unknown: [401, "No project has this key"],
  key_kind_wrong: [403, "This key is for reading; recording needs a write key"],
  origin_not_allowed: [403, "This origin is not on the project's allowlist"],
  sampled_out: [403, "The project records a part of its sessions, and not this one"],
  session_deleted: [410, "This session was deleted; begin a new one"],
  rate_limited: [429, "Too much at once; send the same batch again"],
  quota_used_up: [429, "The project's quota of this month is used up"],
  batch_too_old: [422, "The batch was sealed longer ago than the project keeps data"],
  body_too_large: [413, "The body is over the limit"],
  encoding_unknown: [415, "The content encoding is not one of gzip, deflate, br, identity"],
  content_type_unknown: [415, "The content type is not one that this route takes"],
  key_not_checkable: [503, "The key cannot be checked now; send the same batch again"],
  batch_not_durable: [503, "The batch could not be made durable now; send the same batch again"],
  body_too_slow: [408, "The body took longer than this route waits for one"],
  // reading
  query_malformed: [400, "A parameter is not what this route takes"],
  sql_refused: [400, "The query is not one that can be run here"],
  not_signed_in: [401, "Sign in, or send a read key"],
  credentials_wrong: [401, "E-mail or password is wrong"],
  page_foreign: [403, "This request came from a page of another site"],
  not_permitted: [403, "This caller may not do that"],
  not_found: [404, "There is nothing here"],
  conflict: [409, "That is not possible as things stand"],
  method_not_allowed: [405, "This route does not take that method"],
  sql_over_limit: [422, "The query asks for more than one may take"],
  too_many_requests: [429, "Too many requests; try again later"],
  sso_unavailable: [503, "The identity provider does not answer now"],
  storage_unavailable: [503, "A storage engine does not answer now"],
  internal: [500, "Something went wrong on our side"],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Where in the input something is wrong: zod's path, dotted, and its message. */
export const ProblemIssue = z.object({ path: z.string(), message: z.string() });

export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
  issues: z.array(ProblemIssue).optional(),
  /** With 429: which limit it was. */
  limit: z.enum(["project_requests", "project_bytes", "address", "quota_sessions", "quota_bytes"]).optional(),
  /** Recording should end: another attempt is refused as well, until something else has changed. */
  stop: z.literal(true).optional(),
});
export type Problem = z.infer<typeof Problem>;

/** What a refusal may say beside its code. */
export type ProblemExtra = Pick<Problem, "detail" | "issues" | "limit" | "stop">;

export const PROBLEM_CONTENT_TYPE = "application/problem+json";

/** The body and status of a refusal. `detail` is for the caller: no key, address or payload goes into it. */
export function problem(code: ProblemCode, extra: ProblemExtra = {}): Problem {
  const [status, title] = PROBLEMS[code];
  return { type: `urn:rrhog:problem:${code}`, title, status, code, ...extra };
}

/** The first ones name the mistake. */
export const ISSUES_MAX = 10;

/**
 * zod's issues as the caller sees them, at most `ISSUES_MAX`.
 * @param where before each path: `?` for parameters
 */
export function problemIssues(error: z.ZodError, where = ""): z.infer<typeof ProblemIssue>[] {
  return error.issues
    .slice(0, ISSUES_MAX)
    .map(({ path, message }) => ({ path: where + path.map(String).join("."), message }));
}
