/** Cursors: where a page ended, opaque to callers. What a place is, each route says with a schema. */
import { z } from "@hono/zod-openapi";

const LENGTH_MAX = 512;

export function toCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/** The `cursor` parameter of a route: anything that none of its answers gave is a 400. */
export function cursorOf<Place extends z.ZodType>(place: Place, lengthMax = LENGTH_MAX) {
  return z
    .string()
    .max(lengthMax)
    .transform((text, context): z.output<Place> => {
      const read = place.safeParse(fromJson(Buffer.from(text, "base64url").toString()));
      if (read.success) return read.data;
      context.addIssue({ code: "custom", message: "a next_cursor of this route" });
      return z.NEVER;
    })
    .openapi({ type: "string", description: "`next_cursor` of the page before" });
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
