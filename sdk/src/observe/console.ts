/** Console messages, as rrweb's console plugin has them, so that its tools show them. */
import { emitPlugin } from "./emit.ts";
import type { Watched } from "./host.ts";
import { patch } from "./patch.ts";
import { stackLines } from "./stack.ts";
import { stringify } from "./stringify.ts";

const LEVELS = "assert,debug,error,info,log,warn";
const ARGUMENTS_MAX = 20;
/** Of one page, its frames included. */
const MESSAGES_MAX = 1_000;

type Method = (this: Console, ...args: unknown[]) => void;

export function watchConsole(host: Watched): void {
  const { told, view, signal } = host;
  const { console: levels = true } = host.options;
  const names = levels === true ? LEVELS : String(levels);
  let busy = false;

  const take = host.neverThrow((level: string, args: unknown[], at: Error) => {
    // What goes wrong in the recorder is no message of the page.
    if ((level === "assert" && args.shift()) || args[0] === "rrhog:" || told.messages > MESSAGES_MAX) return;
    const isLast = ++told.messages > MESSAGES_MAX;
    const payload = isLast
      ? [JSON.stringify(`rrhog: more than ${MESSAGES_MAX} console messages, the rest is left out`)]
      : args.slice(0, ARGUMENTS_MAX).map((argument) => stringify(host, argument));
    // Without its first line, which is of the wrapper.
    emitPlugin(host, "rrweb/console@1", { level, trace: isLast ? [] : stackLines(host, at).slice(1), payload });
  });

  for (const level of names.split(/[\s,]+/)) {
    patch(view.console as unknown as Record<string, Method>, level, signal, (original) => {
      return function (...args) {
        if (!busy && !signal.aborted) {
          // A message from within, of a proxy that is read here for one, is none of the page's.
          busy = true;
          take(level, [...args], new Error());
          busy = false;
        }
        return original.apply(this, args);
      };
    });
  }
}
