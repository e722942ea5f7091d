import type * as z from "zod";

/** What came on `repair.{region}`, where it is a hint of this kind; null for all else. */
export function readHint<Hint>(schema: z.ZodType<Hint>, data: Uint8Array): Hint | null {
  try {
    return schema.safeParse(JSON.parse(new TextDecoder().decode(data))).data ?? null;
  } catch {
    return null;
  }
}
