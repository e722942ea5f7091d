/**
 * A session as one page that plays it without any network: rrweb's player, the events, compressed, and the assets that are
 * kept. Its policy lets run the one script that stands in it, and nothing be fetched; the recorded page is rebuilt in a
 * frame that runs no scripts at all.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { PlayWindow } from "#core/facts/play-order.ts";
import type { RrwebEvent } from "#core/replay/rrweb-event.ts";
import { safe } from "#core/replay/safe.ts";
import type { PlayedEvent } from "../playback/read-events.ts";
import { ndjson } from "../playback/render.ts";

/** Stands in events for a kept asset, until offline-player.js puts its bytes there. */
export function assetMark(hash: string): string {
  return `rrhog-asset:${hash}`;
}

export interface PageParts {
  session: object;
  windows: readonly PlayWindow[];
  /** Of one window, with marks for kept assets. */
  eventsOf(window: PlayWindow): AsyncIterable<PlayedEvent[]>;
  assets: AsyncIterable<{ hash: string; content_type: string; bytes: Uint8Array }>;
}

/** Written as it is read: no more than a group of events, or one asset, is held. */
export async function* sessionHtml({
  session,
  windows,
  eventsOf,
  assets,
}: PageParts): AsyncGenerator<Uint8Array, void> {
  const { script, style, policy } = player();
  yield Buffer.from(
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8">` +
      `<meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="referrer" content="no-referrer">` +
      `<meta name="viewport" content="width=device-width"><title>Session · rrHog</title><style>${style}</style></head>` +
      `<body><header></header><main></main>\n` +
      `<script type="application/json" id="session">${jsonInHtml(session)}</script>\n`,
  );
  for await (const { hash, content_type, bytes } of assets) {
    yield Buffer.from(`<script type="text/plain" data-asset="${hash}" data-type="${inAttribute(content_type)}">`);
    yield Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"));
    yield Buffer.from("</script>\n");
  }
  for (const window of windows) {
    yield Buffer.from(`<script type="text/plain" data-window="${inAttribute(window.window_id)}">`);
    const lines = Readable.from(ndjson(safely(eventsOf(window))), { objectMode: false });
    // What fails on the way is thrown where the compressed bytes are read.
    yield* base64(pipeline(lines, createGzip(), () => {}));
    yield Buffer.from("</script>\n");
  }
  yield Buffer.from(`<script>${script}</script></body></html>\n`);
}

/** Nothing of what was recorded is looked at again in the page. */
async function* safely(groups: AsyncIterable<PlayedEvent[]>): AsyncGenerator<PlayedEvent[], void> {
  for await (const group of groups) {
    const events = safe(group.map(({ payload }) => JSON.parse(payload.toString()) as RrwebEvent));
    yield group.map((event, at) => ({ ...event, payload: Buffer.from(JSON.stringify(events[at])) }));
  }
}

interface OfflinePlayer {
  script: string;
  style: string;
  policy: string;
}

let made: OfflinePlayer | null = null;

function player(): OfflinePlayer {
  made ??= makePlayer();
  return made;
}

function makePlayer(): OfflinePlayer {
  const { resolve } = createRequire(import.meta.url);
  const read = (file: string) => readFileSync(file, "utf8");
  const main = resolve("rrweb-player");
  const beside = (name: string) => read(main.replace(/[^/\\]+$/, name));
  const own = (path: string) => read(new URL(path, import.meta.url).pathname);
  const carryOn = own("../../replay/carry-on.js").replace("export function", "function");
  const code = [beside("rrweb-player.umd.min.cjs"), carryOn, own("./offline-player.js")];
  const script = code
    .join(";\n")
    .replace(/\/\/# sourceMappingURL=.*$/gm, "")
    .replaceAll("</script", "<\\/script");
  const style = `${beside("style.min.css")}\n${own("./offline-player.css")}`;
  const hash = createHash("sha256").update(script).digest("base64");
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    "img-src data:",
    "font-src data:",
    "media-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return { script, style, policy };
}

/** In a script element nothing but its end is told from text. */
function jsonInHtml(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

function inAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

/** One text over all pieces: each but the last is of whole groups of three bytes. */
async function* base64(pieces: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array, void> {
  let rest = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = Buffer.concat([rest, piece]);
    const whole = bytes.length - (bytes.length % 3);
    rest = bytes.subarray(whole);
    if (whole > 0) yield Buffer.from(bytes.toString("base64", 0, whole));
  }
  yield Buffer.from(rest.toString("base64"));
}
