import { hc } from "hono/client";
import type { ApiType } from "./app.ts";

/**
 * The API's typed client: `client.v1.projects[":project_id"].sessions.$get({ param, query })`.
 * Parameters are text, and stand for themselves: an id may hold slashes, dots and question marks. `personAt` for any id.
 *
 * @param baseUrl e.g. `http://127.0.0.1:8788`
 * @param fetcher to add the caller's cookie or key, a deadline, or a signal
 */
export function createApiClient(baseUrl: string, fetcher: typeof fetch = fetch): ApiClient {
  return encodingParams(hc<ApiType>(baseUrl, { fetch: fetcher }));
}

export type ApiClient = ReturnType<typeof hc<ApiType>>;

/** In the path for a person whom the query names: named-person.ts. */
export const PERSON_IN_QUERY = "-";

/** Names a recorded person to the routes below `users[":user_id"]`, whatever their id is. */
export function personAt(projectId: string, userId: string) {
  return { param: { project_id: projectId, user_id: PERSON_IN_QUERY }, query: { user_id: userId } };
}

/** Hono's client puts them into the path as they are: an id such as `x/../bob` would be another's. */
function encodingParams<Client extends object>(client: Client): Client {
  return new Proxy(client, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? encodingParams(member) : member;
    },
    apply: (target, self, [asked, ...more]: [{ param?: Record<string, string> } | undefined]) =>
      Reflect.apply(target as CallableFunction, self, [
        asked?.param ? { ...asked, param: encoded(asked.param) } : asked,
        ...more,
      ]),
  });
}

function encoded(param: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(param).map(([name, text]) => [name, asSegment(text)]));
}

/** @throws TypeError for what would make it another address, escaped or not */
function asSegment(text: string): string {
  if (["", ".", ".."].includes(text))
    throw new TypeError(`no path holds “${text}”: personAt names a person in the query`);
  return encodeURIComponent(text);
}
