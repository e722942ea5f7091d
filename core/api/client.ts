import { hc } from "hono/client";
import type { ApiType } from "./app.ts";

/**
 * The API's typed client: `client.v1.projects[":project_id"].sessions.$get({ param, query })`.
 * Parameters are text, and stand for themselves: an id may hold slashes, dots and question marks.
 *
 * @param baseUrl e.g. `http://127.0.0.1:8788`
 * @param fetcher to add the caller's cookie or key, a deadline, or a signal
 */
export function createApiClient(baseUrl: string, fetcher: typeof fetch = fetch): ApiClient {
  return encodingParams(hc<ApiType>(baseUrl, { fetch: fetcher }));
}

export type ApiClient = ReturnType<typeof hc<ApiType>>;

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
  return Object.fromEntries(Object.entries(param).map(([name, text]) => [name, encodeURIComponent(text)]));
}
