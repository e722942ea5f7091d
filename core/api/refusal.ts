import { PROBLEM_CONTENT_TYPE, type Problem, type ProblemCode, problem } from "#protocol/problem.ts";

/** What a route answers instead of data. Thrown anywhere below a route; app.ts turns it into problem+json. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly code: ProblemCode;
  readonly extra: Pick<Problem, "detail" | "issues">;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterS: number | undefined;

  constructor(
    code: ProblemCode,
    extra: Pick<Problem, "detail" | "issues"> = {},
    options: ErrorOptions & { retryAfterS?: number } = {},
  ) {
    super(code, options);
    this.code = code;
    this.extra = extra;
    this.retryAfterS = options.retryAfterS;
  }
}

export function problemResponse({ code, extra, retryAfterS }: Refusal): Response {
  const body = problem(code, extra);
  const headers = new Headers({ "content-type": PROBLEM_CONTENT_TYPE, "cache-control": "no-store" });
  if (body.status === 401) headers.set("www-authenticate", "Bearer");
  if (retryAfterS !== undefined) headers.set("retry-after", String(retryAfterS));
  return new Response(JSON.stringify(body), { status: body.status, headers });
}
