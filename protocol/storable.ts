import * as z from "zod";

/** Text that Postgres takes within JSON: a settings' row that has any other would be refused as a whole. */
export const storableInJson = z.string().regex(/^[^\0\p{Surrogate}]*$/u, "neither U+0000 nor half of a character");
