import * as z from "zod";
import { storableInJson } from "./storable.ts";

/** An address as a whole, or its path: `*` stands for any characters. See sdk/src/rules.ts. */
const UrlPattern = storableInJson.trim().min(1).max(512);
const UrlPatterns = z.array(UrlPattern).max(100);
const Selector = storableInJson.trim().min(1).max(2_000);

/** As much as reaches every page with `GET /config`, as JSON. */
export const RECORDER_SETTINGS_LENGTH_MAX = 8 * 1024;

/**
 * What a project asks of its recorders from afar, by the names of `init`'s options (sdk/README.md). What is missing is left
 * to the page. Members are only ever added: an older edge passes on what it does not know, an older recorder ignores it.
 */
export const RecorderSettings = z
  .strictObject({
    /** The part of sessions that recorders record, 0 to 1. The project's `sample_rate` is beside it, and the edge's. */
    sampleRate: z.number().min(0).max(1),
    /** A session that `sampleRate` leaves out is recorded from the minute before its first error on. */
    sampleOnError: z.boolean(),
    /** Sessions are recorded from the minute before this custom event on. */
    startOnEvent: storableInJson.min(1).max(200),
    /** Shorter sessions are not sent, ms. */
    minDurationMs: z.int().min(0).max(3_600_000),
    /** Only these addresses are recorded. */
    recordUrls: UrlPatterns,
    /** These are not, beside those that the page itself leaves out. */
    ignoreUrls: UrlPatterns,
    /** What is masked: see sdk/README.md. The stricter of this and the page's own holds. */
    privacy: z.enum(["balanced", "strict"]),
    /** Elements whose text is masked, beside the page's own. */
    maskText: Selector,
    /** Elements that are left out, beside the page's own. */
    block: Selector,
    console: z.boolean(),
    errors: z.boolean(),
    network: z.boolean(),
    vitals: z.boolean(),
    clicks: z.boolean(),
    /** Pictures of canvases a second; true is one. */
    recordCanvas: z.union([z.boolean(), z.number().positive().max(15)]),
  })
  .partial();
export type RecorderSettings = z.infer<typeof RecorderSettings>;
