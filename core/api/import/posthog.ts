/**
 * What PostHog's exports of a recording say: the versions 2022-12-02 and 2023-04-28 of its JSON. Its recorder compresses
 * parts of large events (`cv`: "2024-10"): gzip, whose bytes stand for characters.
 */
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { EventType } from "#protocol/event.ts";
import { FRAMED_INFLATED_BYTES_MAX } from "#protocol/limits.ts";
import type { BatchSaid } from "./recording.ts";

const text = z.string().max(256).optional().catch(undefined);

export const PostHogPerson = z
  .object({
    distinct_ids: z.array(z.string().max(256)).optional().catch(undefined),
    properties: z.object({ email: text }).optional().catch(undefined),
  })
  .nullable()
  .catch(null);
type PostHogPerson = z.infer<typeof PostHogPerson>;

export function saidOfPerson(person: PostHogPerson): BatchSaid {
  return { user_id: person?.distinct_ids?.[0] ?? null, user_email: person?.properties?.email ?? null };
}

const COMPRESSION = "2024-10";
/** Of an incremental snapshot, each by itself. */
const PARTS = ["texts", "attributes", "removes", "adds"];

/** @returns the event as its recorder had it, the same object where nothing of it is compressed; null where it cannot be told */
export function postHogEvent(event: unknown): unknown {
  if (typeof event !== "object" || event === null || !("cv" in event)) return event;
  const { cv, ...rest } = event as { cv: unknown; type?: unknown; data?: unknown };
  if (cv !== COMPRESSION) return null;
  try {
    if (rest.type === EventType.FullSnapshot && typeof rest.data === "string") {
      return { ...rest, data: inflated(rest.data) };
    }
    if (typeof rest.data !== "object" || rest.data === null) return rest;
    const data = Object.entries(rest.data).map(([name, value]) =>
      PARTS.includes(name) && typeof value === "string" ? [name, inflated(value)] : [name, value],
    );
    return { ...rest, data: Object.fromEntries(data) };
  } catch {
    return null;
  }
}

function inflated(compressed: string): unknown {
  if (compressed === "") return undefined;
  const bytes = gunzipSync(Buffer.from(compressed, "latin1"), { maxOutputLength: FRAMED_INFLATED_BYTES_MAX });
  return JSON.parse(bytes.toString());
}
