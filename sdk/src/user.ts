import type { RecordedUser } from "../../protocol/batch.ts";
import { USER_DEPTH_MAX, USER_ID_LENGTH_MAX, USER_LENGTH_MAX } from "../../protocol/limits.ts";
import { isWithinDepth } from "../../protocol/value-depth.ts";
import { toJson } from "./json.ts";

/**
 * A person as the edge takes one. It goes with every batch, and one that the edge refused would cost all of them: what is
 * too long is cut, and traits that are too many or too deep, or cannot be told in JSON, stay behind.
 */
export function recordedUser(id: string, traits: Record<string, unknown> | null | undefined): RecordedUser {
  const { email } = traits ?? {};
  const known = {
    id: id.slice(0, USER_ID_LENGTH_MAX),
    email: typeof email === "string" ? email.slice(0, USER_ID_LENGTH_MAX) : undefined,
  };
  try {
    const text = toJson({ ...traits, ...known });
    const user: RecordedUser = JSON.parse(text);
    if (text.length <= USER_LENGTH_MAX && isWithinDepth(user, USER_DEPTH_MAX)) return user;
  } catch {
    // A loop, a BigInt.
  }
  return known;
}
