/** What the tools print: tables, and one live line where there is a terminal. */
import { styleText } from "node:util";

export interface LiveLine {
  /** Replaces the line. Without a terminal it is printed only when `step` changes. */
  show(step: string, text: string): void;
  /** Takes the line away. */
  clear(): void;
}

export function liveLine(out: NodeJS.WriteStream = process.stderr): LiveLine {
  let lastStep = "";
  return {
    show(step, text) {
      if (out.isTTY) out.write(`\r\x1b[2K${text.slice(0, (out.columns ?? 80) - 1)}`);
      else if (step !== lastStep) out.write(`${text}\n`);
      lastStep = step;
    },
    clear() {
      if (out.isTTY) out.write("\r\x1b[2K");
    },
  };
}

/** Two columns, the first padded; lines come without their end. */
export function table(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join("\n");
}

/** Right-aligned columns under a header. */
export function columns(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const print = (cells: readonly string[]) =>
    cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ");
  return [dim(print(header)), ...rows.map(print)].map((row) => `  ${row}`).join("\n");
}

export const good = (text: string) => styleText("green", text);
export const bad = (text: string) => styleText("red", text);
export const dim = (text: string) => styleText("dim", text);

/** 30000 as `30,000`. */
export const count = (value: number) => value.toLocaleString("en-US");

export const seconds = (ms: number) => `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;

export function bytes(value: number): string {
  if (value < 1_000) return `${value} B`;
  return value < 1_000_000 ? `${(value / 1_000).toFixed(1)} kB` : `${(value / 1_000_000).toFixed(1)} MB`;
}

/** One line to the standard error and exit code 1: what a tool says when it cannot begin. */
export function fail(error: unknown): never {
  process.stderr.write(`${bad("✗")} ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
