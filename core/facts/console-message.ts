/** Console messages: `rrweb/console@1` of our recorder and of rrweb's own plugin, which are alike. */
import { z } from "zod";
import { cut, given } from "./bounds.ts";
import type { FactEvent } from "./page-view.ts";
import { CONSOLE_PLUGIN, pluginPayload } from "./recorded-event.ts";

export interface ConsoleMessage {
  idx: number;
  /** The client's clock, ms. */
  ts: number;
  props: {
    level: string;
    /** The arguments, each as text, with blanks between. */
    message: string;
    /** Where it was logged: the top of the stack. */
    trace?: string;
  };
}

const MESSAGE_MAX = 2_000;
const TRACE_MAX = 500;
const ARGUMENTS_MAX = 20;

const LoggedLine = z.object({
  level: z.string().transform((level) => cut(level, 20)),
  payload: z.array(z.unknown()).catch([]),
  trace: z.array(z.unknown()).catch([]),
});
export type LoggedLine = z.infer<typeof LoggedLine>;

export function loggedLine(event: FactEvent): LoggedLine | null {
  return pluginPayload(event, CONSOLE_PLUGIN, LoggedLine);
}

export function consoleMessages(events: readonly FactEvent[]): ConsoleMessage[] {
  return events.flatMap((event, idx) => {
    const line = loggedLine(event);
    if (!line) return [];
    const [top] = line.trace;
    const trace = typeof top === "string" ? cut(top.trim(), TRACE_MAX) : undefined;
    const message = cut(messageOf(line), MESSAGE_MAX);
    return [{ idx, ts: event.timestamp, props: { level: line.level, message, ...given({ trace }) } }];
  });
}

/** What the console showed, in one text: strings as they are, all else as its JSON. */
export function messageOf({ payload }: LoggedLine): string {
  return payload.slice(0, ARGUMENTS_MAX).map(textOf).join(" ");
}

/** Each argument is a JSON text. */
function textOf(argument: unknown): string {
  if (typeof argument !== "string") return JSON.stringify(argument);
  if (!argument.startsWith('"')) return argument;
  try {
    return String(JSON.parse(argument));
  } catch {
    return argument; // one that its recorder has shortened
  }
}
