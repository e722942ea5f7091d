/**
 * A start that cannot go on, in one line a person can act on: what is wrong, and the variable or the command that
 * mends it. Everything else that is thrown is a defect and shows its stack.
 */
export class StartError extends Error {
  override name = "StartError";
}
