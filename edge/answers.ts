/** Answers of this isolate since it was started, by status and reason: a 202's reason is where the batch lies. */
const counts = new Map<string, Answers>();

/** Between two reports: a data point costs as much as a request. */
const REPORT_MS = 10_000;

/** Analytics Engine's, as far as it is used: this module is read where the platform's types are not. */
interface Dataset {
  writeDataPoint(point: { indexes: string[]; blobs: string[]; doubles: number[] }): void;
}

interface Answers {
  status: number;
  reason: string;
  count: number;
  reported: number;
}

let reportedAt = 0;

/** @param reason from a closed set: each is remembered. */
export function countAnswer(status: number, reason: string): void {
  const key = `${status} ${reason}`;
  const known = counts.get(key);
  if (known) known.count++;
  else counts.set(key, { status, reason, count: 1, reported: 0 });
}

export function readAnswers(): { status: number; reason: string; count: number }[] {
  return [...counts.values()];
}

/**
 * Tells the platform what was counted since the last time, if that is long enough ago: a data point for each reason, with
 * the reason as index, `answer`, status and reason as blobs, and the count as double.
 */
export function reportAnswers(dataset: Dataset, now: number): void {
  if (now - reportedAt < REPORT_MS) return;
  reportedAt = now;
  for (const answers of counts.values()) {
    const { status, reason, count, reported } = answers;
    if (count === reported) continue;
    dataset.writeDataPoint({
      indexes: [reason],
      blobs: ["answer", String(status), reason],
      doubles: [count - reported],
    });
    answers.reported = count;
  }
}
