import * as z from "zod";
import { JURISDICTIONS } from "./relay-name.ts";

/**
 * What the core tells the edge of a key: `GET {core}/edge/projects/{hex SHA-256 of the key}`, authorised by
 * `Authorization: Bearer {EDGE_SECRET}`. 404 for a key that nobody has, so that anything else means "cannot be checked".
 * Edge and core are deployed apart: members are only ever added, each with a default for a core that does not tell it yet.
 */
export const EdgeProject = z.object({
  v: z.literal(1),
  project_id: z.int().positive(),
  /** A read key that is used to write is refused with 403, not 401: the caller holds a key, the wrong one. */
  key_kind: z.enum(["write", "read"]),
  /** Origins that may record, `https://*.example.com` included; empty for all. */
  allowed_origins: z.array(z.string()),
  jurisdiction: z.enum(JURISDICTIONS),
  retention_days: z.int().positive(),
  /** The project's own limits; null where the edge's defaults hold (edge/limits/). */
  requests_per_second: z.number().positive().nullable().default(null),
  bytes_per_second: z.number().positive().nullable().default(null),
  /** The part of sessions that is recorded, 0 to 1: see sampling.ts. */
  sample_rate: z.number().min(0).max(1).default(1),
  /**
   * What the project asks of its recorders: recorder-settings.ts. The edge passes it on to them and reads nothing of it, so
   * that members which it does not know reach newer recorders.
   */
  recorder: z.record(z.string(), z.unknown()).default({}),
  /** Set while a monthly quota is used up: which, and when it begins anew (ms since 1970). */
  quota_used_up: z
    .object({ quota: z.enum(["sessions", "bytes"]), resets_at: z.number().min(0) })
    .nullable()
    .default(null),
});
export type EdgeProject = z.infer<typeof EdgeProject>;

/**
 * With which the edge says whose page shows a key as it asks for it: not each time, since answers hold for a while. A core
 * that does not know it yet ignores it.
 */
export const PAGE_ORIGIN_HEADER = "X-Page-Origin";
/** Longer than any name of a host: what is longer is no origin. */
export const PAGE_ORIGIN_LENGTH_MAX = 255;

/**
 * What the core tells the edge of a session while a quota is used up: `GET {core}/edge/projects/{id}/sessions/{id}`. One
 * that was begun is finished; a new one is refused.
 */
export const EdgeSession = z.object({
  v: z.literal(1),
  begun: z.boolean(),
});
export type EdgeSession = z.infer<typeof EdgeSession>;
