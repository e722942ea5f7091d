import type { RecordedUser } from "../../protocol/batch.ts";
import { USER_ID_LENGTH_MAX, USER_LENGTH_MAX } from "../../protocol/limits.ts";

/**
 * A person as the edge takes one. It goes with every batch, and one that the edge refused would cost all of them: what is
 * too long is cut, and traits that are too many, or cannot be told in JSON, stay behind.
 */
export function recordedUser(id: string, traits: Record<string, unknown>): RecordedUser {
  const { email } = traits;
  const known = {
    id: id.slice(0, USER_ID_LENGTH_MAX),
    email: typeof email === "string" ? email.slice(0, USER_ID_LENGTH_MAX) : undefined,
  };
  try {
    const text = JSON.stringify({ ...traits, ...known });
    if (text.length <= USER_LENGTH_MAX) return JSON.parse(text) as RecordedUser;
  } catch {
    // A loop, a BigInt.
  }
  return known;
}
