/**
 * What makes two errors the same one, so that a bug is one line in a list however often, wherever and in whichever build
 * it happens.
 *
 * The approach is that of Sentry (docs.sentry.io/concepts/data-management/event-grouping) and PostHog
 * (posthog.com/docs/error-tracking/fingerprints): the error's type and the frames that are the site's own, or the first
 * one where none is; and of Sentry's parameterized messages: the message with what varies taken out. Unlike theirs the
 * message counts beside frames too, for as long as frames are of minified code they tell little.
 *
 * Taken out is what changes with the build, the visitor or the moment:
 * - of the message: addresses, e-mail, UUIDs, dates, hex and decimal numbers, and the one- or two-letter names that
 *   minifiers give (`e.map is not a function`, `t.map is not a function`);
 * - of a frame: host, query, line and column, the build's hash in the file's name, numbers in its path, and a function's
 *   name of up to two letters.
 */
import { hashParts } from "#protocol/batch-id.ts";

/** Part of each fingerprint: other rules make other groups, and never mend the old ones by half. */
const RULES = "1";
const FRAMES_MAX = 3;
const MESSAGE_MAX = 300;
const LINE_MAX = 500;

export interface FingerprintedError {
  name: string;
  message: string;
  /** Lines of its stack, innermost first, as browsers write them: `fn (url:1:2)`, `fn@url:1:2`, with or without `at`. */
  stack: readonly string[];
}

/** @returns 128 bits as UUID text, the same for errors that are the same */
export function fingerprint({ name, message, stack }: FingerprintedError): string {
  return hashParts(RULES, name, normalMessage(message), ...ownFrames(stack));
}

/** The message without what varies from one time to the next. */
export function normalMessage(message: string): string {
  const [line = ""] = message
    .slice(0, 4 * MESSAGE_MAX)
    .trim()
    .split(/[\r\n]/, 1);
  return line
    .replace(/^uncaught (\(in promise\) ?)?:? ?/i, "")
    .replace(/\b[a-z][a-z+.-]{1,20}:\/\/[^\s"'<>)]+/gi, "<url>")
    .replace(/[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63})+/g, "<email>")
    .replace(/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, "<id>")
    .replace(/\b\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?/g, "<time>")
    .replace(/\b0x[\da-f]+\b/gi, "<n>")
    .replace(/\b(?=\d*[a-f])(?=[a-f]*\d)[\da-f]{6,}\b/gi, "<n>")
    .replace(/\d+(?:[.,]\d+)*/g, "<n>")
    .replace(/(?<![\w$.])[A-Za-z_$]{1,2}(?=\.[A-Za-z_$])/g, "*")
    .replace(/\s+/g, " ")
    .slice(0, MESSAGE_MAX);
}

/** The innermost frames of the site's own code, or the first frame of any; each as `function file`. */
function ownFrames(stack: readonly string[]): string[] {
  const frames = stack.flatMap((line) => frameOf(line) ?? []);
  const own = frames.filter(({ file }) => !FOREIGN.test(file));
  const told = (own.length > 0 ? own : frames.slice(0, 1)).map(
    ({ fn, file }) => `${normalName(fn)} ${normalFile(file)}`,
  );
  // Recursion is as deep as it happens to be.
  return told.filter((frame, i) => frame !== told[i - 1]).slice(0, FRAMES_MAX);
}

/** Of libraries, extensions and the browser itself. */
const FOREIGN =
  /node_modules|bower_components|(?:chrome|moz|safari(?:-web)?)-extension:|webkit-masked-url:|<anonymous>|\[native code\]|(?:^|[/~._-])(?:vendors?|polyfills?|framework|runtime|react-dom|jquery|webpack\/bootstrap)(?:[~._-][^/]*)?\.[cm]?js/i;

const CHROME = /^(?:at )?(?:(?<fn>.*?) \()?(?<file>[^()\s]+?)(?::\d+){1,2}\)?$/;
const OTHERS = /^(?<fn>(?:(?!:\/\/)[^@])*)@(?<file>.*?)(?::\d+){1,2}$/;

function frameOf(line: string): { fn: string; file: string } | null {
  const short = line.trim().slice(0, LINE_MAX);
  const { fn = "", file } = (OTHERS.exec(short) ?? CHROME.exec(short))?.groups ?? {};
  return file === undefined ? null : { fn, file };
}

/** `async Object.pay [as onClick]` → `pay`, Firefox's `pay/<` → `pay` */
function normalName(fn: string): string {
  const [name = ""] = fn
    .replace(/ \[as .*\]$/, "")
    .replace(/^(?:async|new|get|set) /, "")
    .replace(/[/<]+$/, "")
    .split(/[./]/)
    .slice(-1);
  return name.length <= 2 || /anonymous/i.test(name) ? "" : name.replace(/\d+/g, "");
}

/** The path of the file, in every build the same. */
function normalFile(file: string): string {
  return file
    .replace(/^[a-z][a-z+.-]*:\/\/[^/]*/i, "")
    .replace(/[?#].*/, "")
    .split("/")
    .map((part) =>
      part
        .replace(BASE64_HASH, "-*")
        .split(/([.~_-])/)
        .map(withoutHash)
        .join("")
        .replace(/\d+/g, "*"),
    )
    .join("/");
}

/** As Rollup and Vite end a file's name: eight characters of base64url, among them a digit or a capital. */
const BASE64_HASH = /-(?=[\w-]{0,7}(?:\d|[\w-][A-Z]))[\w-]{8}(?=\.[cm]?js$)/;

/** A build's mark as others make it: hex, or letters and digits. Words have no digits. */
function withoutHash(part: string): string {
  return part.length >= 6 && /\d/.test(part) && /^[\da-z]+$/i.test(part) ? "*" : part;
}
