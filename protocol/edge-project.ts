import * as z from "zod";
import { JURISDICTIONS } from "./relay-name.ts";

/**
 * What the core tells the edge of a key: `GET {core}/edge/projects/{hex SHA-256 of the key}`, authorised by
 * `Authorization: Bearer {EDGE_SECRET}`. 404 for a key that nobody has, so that anything else means "cannot be checked".
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
});
export type EdgeProject = z.infer<typeof EdgeProject>;
