/** What an action tells the form that asked. */
import { data } from "react-router";
import type { Change } from "./change.server.ts";

export interface Outcome {
  /** What was done, in words; null where it was refused. */
  done: string | null;
  error: string | null;
  /** Where a page makes something that is told once, its action says it here. */
  made?: undefined;
}

/** @param done in words, where it was done */
export function outcome(changed: Change<unknown>, done: string) {
  return changed.ok ? data<Outcome>({ done, error: null }) : refused(changed.error, changed.status);
}

export function refused(error: string, status = 400) {
  return data<Outcome>({ done: null, error }, { status });
}

/** What was sent is no form of this release. */
export function incomplete() {
  return refused("The form is incomplete");
}
