/** The matrix as people read it, and a JSON line a fault for programs. */
import { bad, columns, count, dim, good } from "#cli/terminal.ts";
import { isKept, type Outcome } from "./run.ts";

/** A fault that could not be done here, or whose run ended with an error. */
export interface NoOutcome {
  fault: string;
  kind: "skipped" | "failed";
  why: string;
}
export type Result = Outcome | NoOutcome;

/** The columns that design and docs name first; then what explains them. */
const HEADER = [
  "fault",
  "rounds",
  "batches",
  "lost",
  "doubled",
  "untrue",
  "seconds to recover",
  "copies",
  "spooled",
  "refused",
  "unanswered",
  "",
];
const MEGABYTE = 1_000_000;
/** Of the sessions that are not as the client knows them. */
const UNTRUE_SHOWN = 5;

export function isGood(result: Result): boolean {
  return "kind" in result ? result.kind === "skipped" : isKept(result);
}

export function tableOf(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ fault }) => fault.length));
  const rows = results.map((result) => [result.fault.padEnd(width), ...cellsOf(result)]);
  const [first = "", ...others] = HEADER;
  return columns([first.padEnd(width), ...others], rows);
}

function cellsOf(result: Result): string[] {
  if ("kind" in result) return [...HEADER.slice(2).map(() => "–"), result.kind === "skipped" ? "skipped" : "failed"];
  const { rounds, batches, lost, doubled, untrue, copies, seen, recoverSeconds } = result;
  return [
    count(rounds),
    count(batches),
    count(lost),
    doubled === null ? "–" : count(doubled),
    untrue === null ? "–" : count(untrue.length),
    Math.max(...recoverSeconds).toFixed(1),
    copies === null ? "–" : count(copies),
    count(seen.spooled),
    count(seen.refused),
    count(seen.unanswered),
    isKept(result) ? "kept" : "broken",
  ];
}

/** What the table has no room for: memory, why something is not good, what was left out. */
export function remarksOf(results: readonly Result[]): string[] {
  return results.flatMap((result) => {
    if ("kind" in result) {
      const line = `${result.fault}: ${result.kind}: ${result.why}`;
      return [result.kind === "skipped" ? dim(line) : bad(line)];
    }
    const said = result.remark === null ? [] : [dim(`${result.fault}: ${result.remark}`)];
    return [...said, ...memoryRemark(result), ...faultsOf(result).map((line) => bad(`${result.fault}: ${line}`))];
  });
}

function memoryRemark({ fault, memory }: Outcome): string[] {
  if (!memory) return [];
  const megabytes = (bytes: number) => `${(bytes / MEGABYTE).toFixed(0)} MB`;
  const [a = 0, b = 0, c = 0, d = 0] = memory.quarters;
  const quarters = `at 25 % ${megabytes(a)}, 50 % ${megabytes(b)}, 75 % ${megabytes(c)}, 100 % ${megabytes(d)}`;
  return [
    `${fault}: memory of workerd ${megabytes(memory.before)} before; ${quarters}; ` +
      `at most ${megabytes(memory.most)}, ${megabytes(memory.after)} after the drain`,
  ];
}

function faultsOf(outcome: Outcome): string[] {
  const lines = Object.entries(outcome.wrong).map(([what, times]) => `${times} × ${what}`);
  if (outcome.lost > 0) lines.push(`${outcome.lost} batches with a 202 are lost`);
  if (outcome.doubled) lines.push(`${outcome.doubled} batches are read more than once`);
  const untrue = outcome.untrue ?? [];
  lines.push(...untrue.slice(0, UNTRUE_SHOWN));
  if (untrue.length > UNTRUE_SHOWN) lines.push(`${untrue.length - UNTRUE_SHOWN} further sessions are told untruly`);
  if (outcome.foreign > 0) lines.push(`${outcome.foreign} stored that should not be, or with other bytes`);
  if (outcome.stranded > 0) lines.push(`${outcome.stranded} batches got no 202 after all was well again`);
  if (!outcome.shown) lines.push(`clients did not see of it what they must: ${JSON.stringify(outcome.seen)}`);
  return lines;
}

export function jsonOf(result: Result): string {
  if ("kind" in result) return JSON.stringify({ fault: result.fault, [result.kind]: result.why });
  const { fault, rounds, batches, lost, doubled, untrue, copies, foreign, stranded, wrong, shown, seen, memory } =
    result;
  const { spooled, refused, unanswered } = seen;
  return JSON.stringify({
    fault,
    rounds,
    batches,
    lost,
    doubled,
    untrue: untrue?.length ?? null,
    recover_seconds: Math.max(...result.recoverSeconds),
    copies,
    foreign,
    stranded,
    wrong,
    shown,
    spooled,
    refused,
    unanswered,
    memory_bytes: memory,
    remark: result.remark,
  });
}

export function verdictOf(results: readonly Result[]): string {
  const broken = results.filter((result) => !isGood(result)).length;
  return broken === 0
    ? good("✓ nothing lost, nothing doubled, nothing stored that was refused")
    : bad(`✗ ${broken} of ${results.length} faults broke something`);
}
