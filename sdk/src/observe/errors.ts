/** Errors that nobody caught and rejections that nobody handled: the custom event `rrhog.error`. */
import { emitCustom } from "./emit.ts";
import type { Watched } from "./host.ts";
import { stackLines } from "./stack.ts";
import { stringify } from "./stringify.ts";
import { cut, scrubAddresses, scrubText } from "./text.ts";

const MESSAGE_MAX = 1_000;
const CAUSES_MAX = 5;
/** Different ones, of one page, its frames included. */
const ERRORS_MAX = 100;

interface Told {
  name: string;
  message: string;
  stack?: string[];
}

export function watchErrors(host: Watched): void {
  const { view, signal } = host;
  /** How often each has come. */
  const counts = new Map<string, number>();

  const take = host.neverThrow((event: Event) => {
    const told =
      event instanceof view.ErrorEvent ? ofError(event) : "reason" in event ? ofRejection(event.reason) : null;
    if (!told) return;
    const key = JSON.stringify(told);
    const count = (counts.get(key) ?? 0) + 1;
    if (count === 1 && ++host.told.errors > ERRORS_MAX) return;
    counts.set(key, count);
    // The first, the tenth, the hundredth: one that comes with each frame tells no more for being told each time.
    const timestamp = Math.round(view.performance.timeOrigin + event.timeStamp);
    if (/^10*$/.test(String(count))) emitCustom(host, "rrhog.error", { ...told, count, timestamp });
  });

  function ofError({ error, message, filename, lineno, colno }: ErrorEvent) {
    const told = error ? chain(error) : { name: "Error", message: text(message) };
    // All that a browser says of a script of another origin that was loaded without CORS.
    if (!error && !filename) return { kind: "error", ...told, cross_origin: true };
    return { kind: "error", ...told, filename: scrubAddresses(host, filename), line: lineno, column: colno };
  }

  function ofRejection(reason: unknown) {
    return { kind: "unhandledrejection", ...chain(reason) };
  }

  /** An error, and what caused it, and what caused that. */
  function chain(error: unknown): Told & { cause?: Told[] } {
    const cause: Told[] = [];
    let next = error;
    while (next instanceof view.Error && next.cause !== undefined && cause.length < CAUSES_MAX) {
      next = next.cause;
      cause.push(describe(next));
    }
    return { ...describe(error), ...(cause.length > 0 && { cause }) };
  }

  function describe(error: unknown): Told {
    const isError = error instanceof view.Error || error instanceof view.DOMException;
    if (!isError) return { name: typeof error, message: cut(stringify(host, error), MESSAGE_MAX) };
    return { name: text(error.name), message: text(error.message), stack: stackLines(host, error) };
  }

  function text(whole: unknown): string {
    return cut(scrubText(host, String(whole)), MESSAGE_MAX);
  }

  for (const event of host.early) if (event.timeStamp >= host.since) take(event);
  view.addEventListener("error", take, { signal });
  view.addEventListener("unhandledrejection", take, { signal });
}
