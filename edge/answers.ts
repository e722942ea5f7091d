/** Answers of this isolate since it was started, by status and reason: a 202's reason is where the batch lies. */
const counts = new Map<string, { status: number; reason: string; count: number }>();

/** @param reason from a closed set: each is remembered. */
export function countAnswer(status: number, reason: string): void {
  const key = `${status} ${reason}`;
  const known = counts.get(key);
  if (known) known.count++;
  else counts.set(key, { status, reason, count: 1 });
}

export function readAnswers(): { status: number; reason: string; count: number }[] {
  return [...counts.values()];
}
