/** The read API as this server calls it: with the caller's cookie, a deadline, and refusals turned into pages. */

import type { ClientResponse } from "hono/client";
import { data, type RouterContextProvider, redirect } from "react-router";
import { z } from "zod";
import { type ApiClient, createApiClient } from "#core/api/client.ts";
import type { ApiFailure } from "./api-failure.ts";
import { signInPath } from "./auth/safe-redirect.ts";
import { environmentContext } from "./environment.ts";
import { beginsLarge, fieldInWords } from "./format/field.ts";
import { pick } from "./forward.server.ts";

const DEADLINE_MS = 15_000;

/** Where in a form something is wrong, as a refusal names it. */
const Issues = z.array(z.object({ path: z.string(), message: z.string() })).catch([]);

/** What loaders and actions are given; all of it is needed to ask on the caller's behalf. */
export interface Asked {
  request: Request;
  context: Readonly<RouterContextProvider>;
}

/** The typed client, asking as whoever sent `request`. */
export function apiClient({ request, context }: Asked): ApiClient {
  const { apiUrl } = context.get(environmentContext).settings;
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(DEADLINE_MS)]);
  return createApiClient(apiUrl, (input, init) => {
    const headers = new Headers(init?.headers);
    for (const [name, value] of pick(request.headers, ["cookie", "user-agent"])) headers.set(name, value);
    return fetch(input, { ...init, headers, signal });
  });
}

/** The body of a 200, for each shape that a route of the API may answer. */
type OkBody<R> = R extends ClientResponse<infer Body, 200, "json"> ? Body : never;

/**
 * What the API answered, where that was a 200.
 * @throws the sign-in page where nobody is signed in; else an `ApiFailure` for the route's error boundary
 */
export async function answer<R extends ClientResponse<unknown, number, string>>(
  call: Promise<R>,
  { request }: Asked,
): Promise<OkBody<R>> {
  const reached = await reach(call, request);
  if (!reached.ok) throw data(reached.failure, { status: 503 });
  const { response } = reached;
  if (response.status === 200) return (await response.json()) as OkBody<R>;
  if (response.status === 401) throw redirect(signInPath(new URL(request.url)));
  throw data(await refusal(response), { status: response.status });
}

/** The same of what a page can do without: null where it was refused, or the API is away. Who is not signed in still signs in. */
export async function answerOrNull<R extends ClientResponse<unknown, number, string>>(
  call: Promise<R>,
  asked: Asked,
): Promise<OkBody<R> | null> {
  try {
    return await answer(call, asked);
  } catch (thrown) {
    if (thrown instanceof Response) throw thrown;
    return null;
  }
}

/** The answer, whatever it says; or why there is none. */
export async function reach<R>(
  call: Promise<R>,
  request: Request,
): Promise<{ ok: true; response: R } | { ok: false; failure: ApiFailure }> {
  try {
    return { ok: true, response: await call };
  } catch (error) {
    if (request.signal.aborted) throw error;
    const slow = error instanceof DOMException && error.name === "TimeoutError";
    const failure = slow
      ? { code: "api_slow", title: "The API took too long to answer" }
      : { code: "api_unreachable", title: "The API does not answer" };
    return { ok: false, failure };
  }
}

/** What a refused answer says about itself (RFC 9457), as a page may show it. */
export async function refusal(response: Pick<Response, "status" | "json">): Promise<ApiFailure> {
  const body: unknown = await response.json().catch(() => null);
  const said = body !== null && typeof body === "object" ? (body as Record<string, unknown>) : {};
  return {
    code: typeof said.code === "string" ? said.code : `http_${response.status}`,
    title: typeof said.title === "string" ? said.title : `The API answered ${response.status}`,
    ...(typeof said.detail === "string" ? { detail: said.detail } : fieldRefused(said.issues)),
  };
}

/** The same in one line, for the form that asked. */
export async function refusalInWords(response: Pick<Response, "status" | "json">): Promise<string> {
  const { title, detail } = await refusal(response);
  return beginsLarge(detail ?? title);
}

/** The first of the fields that the API did not take, and why. */
function fieldRefused(issues: unknown): { detail?: string } {
  const [first] = Issues.parse(issues);
  return first ? { detail: `${fieldInWords(first.path)}: ${first.message}` } : {};
}
