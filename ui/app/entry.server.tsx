import { renderToReadableStream } from "react-dom/server";
import { type EntryContext, type RouterContextProvider, ServerRouter } from "react-router";
import { environmentContext } from "./environment.ts";
import { NonceContext } from "./nonce.ts";

/** Renders a page. Nothing in the console is deferred, so the first byte already knows the status. */
export default async function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  routerContext: EntryContext,
  loadContext: Readonly<RouterContextProvider>,
): Promise<Response> {
  const { nonce } = loadContext.get(environmentContext);
  headers.set("Content-Type", "text/html; charset=utf-8");
  if (request.method === "HEAD") return new Response(null, { status, headers });

  let failed = false;
  const page = await renderToReadableStream(
    <NonceContext value={nonce}>
      <ServerRouter context={routerContext} url={request.url} nonce={nonce} />
    </NonceContext>,
    {
      nonce,
      signal: request.signal,
      onError(error) {
        failed = true;
        if (!request.signal.aborted) console.error(error);
      },
    },
  );
  return new Response(page, { status: failed ? 500 : status, headers });
}

/** Errors of loaders and actions that are not answers: mistakes of ours. The query is left out, for it may name people. */
export function handleError(error: unknown, { request }: { request: Request }): void {
  if (request.signal.aborted) return;
  console.error(
    `ui: ${request.method} ${new URL(request.url).pathname}:`,
    error instanceof Error ? error.stack : error,
  );
}
