import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";

/** A request as the Worker gets it: it may tell where it came from. */
const IncomingRequest = Request<unknown, IncomingRequestCfProperties>;

/**
 * The Worker as an isolate has it that was just started, with its own memory: a module of another address is another
 * module. Its requests answer when all is done that goes on beside them.
 * @param bindings other than those of the tests
 */
export async function coldWorker(bindings: Record<string, string | undefined> = {}) {
  const address = new URL(`../index.ts?isolate=${crypto.randomUUID()}`, import.meta.url).href;
  const { default: app }: typeof import("../index.ts") = await import(/* @vite-ignore */ address);
  return async (path: string, init: RequestInit<IncomingRequestCfProperties> = {}): Promise<Response> => {
    const ctx = createExecutionContext();
    const response = await app.fetch(
      new IncomingRequest(`https://edge.example${path}`, init),
      { ...env, ...bindings },
      ctx,
    );
    await waitOnExecutionContext(ctx);
    return response;
  };
}
