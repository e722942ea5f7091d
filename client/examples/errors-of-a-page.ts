/** Prints yesterday's sessions with errors on a page: `READ_KEY=… node errors-of-a-page.ts http://127.0.0.1:8788 1 /checkout` */
import { createApiClient } from "@rrhog/client";

const [baseUrl = "", project_id = "", path = ""] = process.argv.slice(2);

const client = createApiClient(baseUrl, (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set("authorization", `Bearer ${process.env.READ_KEY}`);
  return fetch(input, { ...init, headers, signal: AbortSignal.timeout(30_000) });
});

const from = new Date(Date.now() - 86_400_000).toISOString();
let cursor: string | null | undefined;
do {
  const query = { path, from, has_errors: "true", limit: "100", ...(cursor && { cursor }) } as const;
  const answer = await client.v1.projects[":project_id"].sessions.$get({ param: { project_id }, query });
  if (!answer.ok) throw new Error((await answer.json()).title);
  const page = await answer.json();
  for (const { session_id, started_at, error_count } of page.sessions) console.log(started_at, session_id, error_count);
  cursor = page.next_cursor;
} while (cursor !== null);
