/** How actions tell their page what became of a change. */
import type { ClientResponse } from "hono/client";
import { type Asked, reach, refusal } from "./api.server.ts";

type Taken<R> =
  R extends ClientResponse<infer Body, infer Status, "json"> ? (Status extends 200 | 201 | 202 ? Body : never) : never;

export type Change<Body> = { ok: true; body: Body } | { ok: false; error: string };

/** What the API answered where it took the change (null where it said nothing); else why not, as a page may say it. */
export async function change<R extends ClientResponse<unknown, number, string>>(
  call: Promise<R>,
  { request }: Asked,
): Promise<Change<Taken<R>>> {
  const reached = await reach(call, request);
  if (!reached.ok) return { ok: false, error: reached.failure.title };
  const { response } = reached;
  if (response.ok) return { ok: true, body: (response.status === 204 ? null : await response.json()) as Taken<R> };
  const { title, detail } = await refusal(response);
  return { ok: false, error: detail ?? title };
}
