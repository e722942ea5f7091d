/** Why a session is not all there, in words. */

/** The ledger's word for it (core's `incomplete_why`), as it reads to a person. */
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
