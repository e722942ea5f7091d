/**
 * Errors that nobody caught and rejections that nobody handled: `rrhog.error` of our recorder, and what rrweb's console
 * plugin makes of them in other clients, a console message of the level `error` that begins with "Uncaught". Our recorder
 * sends none of those, but a page may write such words itself, so they count where the batch is not ours alone.
 */
import { z } from "zod";
import { cut, given } from "./bounds.ts";
import { loggedLine, messageOf } from "./console-message.ts";
import { fingerprint } from "./fingerprint.ts";
import type { FactEvent } from "./page-view.ts";
import { customPayload, momentOf } from "./recorded-event.ts";

export interface PageError {
  idx: number;
  /** When it happened, by the client's clock, ms. */
  ts: number;
  props: {
    kind: "error" | "unhandledrejection";
    /** `TypeError` and its like; of what is no Error its type. */
    name: string;
    message: string;
    /** Of those lines that are places, innermost first. */
    stack?: string;
    filename?: string;
    line?: number;
    column?: number;
    /** What caused it, and what caused that, each as `name: message`. */
    cause?: string[];
    /** The browser says no more than "Script error.": a script of another origin that was loaded without CORS. */
    cross_origin?: boolean;
    /** How often the page had it by then: our recorder tells the first, tenth, hundredth time. */
    count: number;
    /** The same for errors that are the same: fingerprint.ts. */
    fingerprint: string;
  };
}

const MESSAGE_MAX = 1_000;
const LINES_MAX = 20;
const LINE_MAX = 300;
const CAUSES_MAX = 5;

const word = (max: number) => z.string().transform((text) => cut(text, max));
const count = z.int().nonnegative().optional().catch(undefined);

const Payload = z.object({
  kind: z.enum(["error", "unhandledrejection"]).catch("error"),
  name: word(100).catch("Error"),
  message: word(MESSAGE_MAX).catch(""),
  stack: z.array(word(LINE_MAX)).optional().catch(undefined),
  filename: word(LINE_MAX).optional().catch(undefined),
  line: count,
  column: count,
  cause: z
    .array(z.object({ name: word(100).catch("Error"), message: word(MESSAGE_MAX).catch("") }))
    .optional()
    .catch(undefined),
  cross_origin: z.boolean().optional().catch(undefined),
  count: z.int().positive().catch(1),
  timestamp: z.number().optional().catch(undefined),
});

/** @param isOurs whether the batch says that our recorder made it */
export function pageErrors(events: readonly FactEvent[], isOurs: boolean): PageError[] {
  return events.flatMap((event, idx) => {
    const own = customPayload(event, "rrhog.error", Payload);
    if (own) return [{ idx, ts: momentOf(event, own.timestamp), props: propsOf(own) }];
    const props = isOurs ? null : uncaught(event);
    return props ? [{ idx, ts: event.timestamp, props }] : [];
  });
}

function propsOf({ timestamp: _, stack = [], cause, ...told }: z.infer<typeof Payload>): PageError["props"] {
  const { kind, name, message, count } = told;
  return {
    kind,
    name,
    message,
    count,
    ...given({
      stack: stackText(stack),
      filename: told.filename,
      line: told.line,
      column: told.column,
      cause: cause?.slice(0, CAUSES_MAX).map(({ name, message }) => `${name}: ${message}`),
      cross_origin: told.cross_origin,
    }),
    fingerprint: fingerprint({ name, message, stack }),
  };
}

/** "Uncaught TypeError: x is not a function", "Uncaught (in promise) Error: y" */
const UNCAUGHT = /^Uncaught (?<promise>\(in promise\):? ?)?(?:(?<name>[A-Z]\w{0,60}): )?(?<message>.*)/s;

function uncaught(event: FactEvent): PageError["props"] | null {
  const line = loggedLine(event);
  if (line?.level !== "error") return null;
  const { promise, name = "Error", message } = UNCAUGHT.exec(messageOf(line))?.groups ?? {};
  if (message === undefined) return null;
  return propsOf({
    kind: promise === undefined ? "error" : "unhandledrejection",
    name,
    message: cut(message, MESSAGE_MAX),
    stack: line.trace.filter((place) => typeof place === "string").map((place) => cut(place, LINE_MAX)),
    count: 1,
  });
}

function stackText(lines: readonly string[]): string {
  return lines.slice(0, LINES_MAX).join("\n");
}
