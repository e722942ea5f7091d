/** Who a session belongs to, as lists and titles name them. */
interface Visitor {
  session_id: string;
  user_id: string | null;
  user_email: string | null;
}

/** The e-mail, else the site's own id for the person, else `anonymous 3f9a`. */
export function who({ session_id, user_id, user_email }: Visitor): string {
  return user_email ?? user_id ?? `anonymous ${session_id.slice(0, 4)}`;
}

export function isAnonymous({ user_id, user_email }: Visitor): boolean {
  return user_email === null && user_id === null;
}

/** Why a session is incomplete, as the ledger's word for it (core's `incomplete_why`) reads to a person. */
export function whyIncomplete(why: string | null): string {
  switch (why) {
    case "open":
      return "still being recorded, or its last batches are on the way";
    case "no_end":
      return "its end was not seen: the page closed before it could be sent";
    case "missing":
      return "some batches have not arrived";
    case "dropped":
      return "the recorder gave up some batches";
    case "rejected":
      return "some batches arrived and could not be read";
    case "expired":
      return "its first batches are older than the project keeps data";
    default:
      return "part of it is not here";
  }
}

/** Whether something that was recorded is not here, as opposed to a session that merely has no known end. */
export function hasGap({
  complete,
  incomplete_why,
}: {
  complete: boolean | null;
  incomplete_why: string | null;
}): boolean {
  return complete === false && incomplete_why !== "open" && incomplete_why !== "no_end";
}
