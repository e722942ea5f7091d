import { hc } from "hono/client";
import type { ApiType } from "./app.ts";

/**
 * The API's typed client: `client.v1.projects[":project_id"].sessions.$get({ param, query })`.
 * Parameters are text, as they stand in the URL.
 *
 * @param baseUrl e.g. `http://127.0.0.1:8788`
 * @param fetcher to add the caller's cookie or key, a deadline, or a signal
 */
export function createApiClient(baseUrl: string, fetcher: typeof fetch = fetch): ApiClient {
  return hc<ApiType>(baseUrl, { fetch: fetcher });
}

export type ApiClient = ReturnType<typeof hc<ApiType>>;
