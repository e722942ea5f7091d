import type { TypedResponse } from "hono";

/** For routes that stream the JSON which their schema describes: text that no compiler can look into. */
export function asTyped(response: Response): Response & TypedResponse<never, 200, "json"> {
  return response as Response & TypedResponse<never, 200, "json">;
}
