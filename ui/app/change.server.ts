/** How actions tell their page what became of a change. */
import type { ClientResponse } from "hono/client";
import { redirect } from "react-router";
import { type Asked, reach, refusalInWords } from "./api.server.ts";
import { signInPath } from "./auth/safe-redirect.ts";

type Taken<R> =
  R extends ClientResponse<infer Body, infer Status, "json"> ? (Status extends 200 | 201 | 202 ? Body : never) : never;

/** What the API answered (null where it said nothing), or why it refused, in words for the form that asked. */
export type Change<Body> = { ok: true; body: Body } | { ok: false; error: string; status: number };

/** @throws the sign-in page where nobody is signed in any longer */
export async function change<R extends ClientResponse<unknown, number, string>>(
  call: Promise<R>,
  { request }: Asked,
): Promise<Change<Taken<R>>> {
  const reached = await reach(call, request);
  if (!reached.ok) return { ok: false, error: reached.failure.title, status: 503 };
  const { response } = reached;
  if (response.ok) return { ok: true, body: (response.status === 204 ? null : await response.json()) as Taken<R> };
  if (response.status === 401) throw redirect(signInPath(pageOf(request)));
  return { ok: false, error: await refusalInWords(response), status: response.status };
}

/** Where the form stands, as the browser tells it: what it is sent to may be no page. */
function pageOf(request: Request): URL {
  const referer = request.headers.get("referer") ?? "";
  return URL.canParse(referer) ? new URL(referer) : new URL("/", request.url);
}
