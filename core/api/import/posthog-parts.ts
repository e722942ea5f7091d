/** PostHog's recorder compresses parts of large events (`cv`: "2024-10"): gzip, whose bytes stand for characters. */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { EventType } from "#protocol/event.ts";
import { jsonDepth } from "#protocol/json-scan.ts";
import { FRAMED_INFLATED_BYTES_MAX, JSON_DEPTH_MAX } from "#protocol/limits.ts";
import { Refusal } from "../refusal.ts";
import { malformed, parsed } from "./file-json.ts";
import { IMPORT_BYTES_MAX } from "./intake.ts";

const inflateGzip = promisify(gunzip);

const COMPRESSION = "2024-10";
/** Of an incremental snapshot, each by itself. */
const PARTS = ["texts", "attributes", "removes", "adds"];

interface Plain {
  event: unknown;
  /** Where something of it was compressed. */
  text?: Uint8Array;
}

/** The parts of one file, which together may inflate to no more than a file may. */
export class InflatedParts {
  #left: number;

  constructor(bytesMax = IMPORT_BYTES_MAX) {
    this.#left = bytesMax;
  }

  /**
   * @returns the event as its recorder had it; null where it cannot be told
   * @throws Refusal `body_too_large` where the file's parts are, `body_malformed` for what the edge would not take
   */
  async inflate(event: unknown, path: string): Promise<Plain | null> {
    if (typeof event !== "object" || event === null || !("cv" in event)) return { event };
    const { cv, ...rest } = event as { cv: unknown; type?: unknown; data?: unknown };
    if (cv !== COMPRESSION) return null;
    const left = this.#left;
    const plain = await this.#withParts(rest, path);
    if (plain === null) return null;
    const text = Buffer.from(JSON.stringify(plain));
    // Some numbers are written longer than they were.
    this.#spend(text.byteLength - (left - this.#left));
    if (jsonDepth(text) > JSON_DEPTH_MAX) throw malformed(path, `deeper than ${JSON_DEPTH_MAX} levels`);
    return { event: plain, text };
  }

  async #withParts(event: { type?: unknown; data?: unknown }, path: string): Promise<object | null> {
    const { type, data } = event;
    if (type === EventType.FullSnapshot && typeof data === "string") {
      const value = await this.#part(data, path);
      return value === null ? null : { ...event, data: value };
    }
    if (typeof data !== "object" || data === null) return event;
    const members: [string, unknown][] = [];
    for (const [name, value] of Object.entries(data)) {
      const isPart = PARTS.includes(name) && typeof value === "string";
      const plain: unknown = isPart ? await this.#part(value, path) : value;
      if (isPart && plain === null) return null;
      members.push([name, plain]);
    }
    return { ...event, data: Object.fromEntries(members) };
  }

  /** Null where it is no gzip. */
  async #part(compressed: string, path: string): Promise<unknown> {
    if (compressed === "") return undefined;
    const maxOutputLength = Math.max(1, Math.min(FRAMED_INFLATED_BYTES_MAX, this.#left));
    let text: Buffer;
    try {
      text = await inflateGzip(Buffer.from(compressed, "latin1"), { maxOutputLength });
    } catch (error) {
      const isTooLarge = error instanceof RangeError;
      if (isTooLarge && maxOutputLength < FRAMED_INFLATED_BYTES_MAX) throw tooLarge();
      if (isTooLarge) throw malformed(path, `a part of it is over ${FRAMED_INFLATED_BYTES_MAX} bytes`);
      return null;
    }
    this.#spend(text.byteLength);
    return parsed(text, path);
  }

  #spend(bytes: number): void {
    this.#left -= Math.max(0, bytes);
    if (this.#left < 0) throw tooLarge();
  }
}

function tooLarge(): Refusal {
  return new Refusal("body_too_large", { detail: "the file's compressed parts are, inflated" });
}
