import { PROBLEM_CONTENT_TYPE, type ProblemCode, type ProblemExtra, problem } from "#protocol/problem.ts";
import { countAnswer } from "./answers.ts";
import { logRepeated } from "./log.ts";

/** Why a request got no 2xx: a code of protocol/problem.ts and what the caller can do about it. */
export interface Rejection extends ProblemExtra {
  code: ProblemCode;
  /** Seconds. */
  retryAfter?: number;
}

export type Refusal = { ok: false; rejection: Rejection };
export type Result<T> = { ok: true; value: T } | Refusal;

export function accept<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse(code: ProblemCode, extra: Omit<Rejection, "code"> = {}): Refusal {
  return { ok: false, rejection: { code, ...extra } };
}

/** The answer on the wire (RFC 9457), counted by its code. */
export function rejectionResponse({ code, retryAfter, ...extra }: Rejection, headers: HeadersInit = {}): Response {
  const body = problem(code, extra);
  countAnswer(body.status, code);
  logRepeated("refused", { code });
  const response = Response.json(body, { status: body.status, headers });
  response.headers.set("Content-Type", PROBLEM_CONTENT_TYPE);
  response.headers.set("Cache-Control", "no-store");
  if (retryAfter !== undefined) response.headers.set("Retry-After", String(retryAfter));
  return response;
}
