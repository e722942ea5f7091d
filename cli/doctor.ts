/**
 * npm run doctor: looks at each part in order, sends one batch through, and names what is down with the command that
 * mends it. Exit code 0 only if all is well. `--json` prints the same for programs.
 */
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { dataDir, readAddresses } from "./addresses.ts";
import { CHECKS, type Check, mendOf } from "./checks.ts";
import { bad, dim, fail, good, liveLine, seconds } from "./terminal.ts";

type Finding = { name: string; ok: boolean; detail: string; mend: string | null; ms: number };

async function main() {
  const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
  const line = liveLine();
  const findings: Finding[] = [];
  for (const check of CHECKS) {
    // Nothing to send it to, or to read it from: that has been said.
    if (check.name === "batch" && findings.some(({ name, ok }) => ["edge", "api"].includes(name) && !ok)) continue;
    if (process.stderr.isTTY) line.show(check.name, dim(`… ${check.name}`));
    const finding = await examine(check);
    findings.push(finding);
    line.clear();
    if (!values.json) console.log(printed(finding));
  }
  const ill = findings.filter(({ ok }) => !ok);
  if (values.json) console.log(JSON.stringify({ ok: ill.length === 0, checks: findings }, null, 2));
  else console.log(`\n${closing(ill)}`);
  if (ill.length > 0) process.exitCode = 1;
}

async function examine({ name, look }: Check): Promise<Finding> {
  const startedAt = performance.now();
  const finding = (ok: boolean, detail: string, mend: string | null): Finding => {
    return { name, ok, detail, mend, ms: Math.round(performance.now() - startedAt) };
  };
  try {
    return finding(true, await look(await readAddresses()), null);
  } catch (error) {
    const logs = relative(process.cwd(), join(dataDir(), "logs"));
    return finding(false, reasonOf(error), await mendOf(name, logs));
  }
}

/** Node hides what happened at the socket in a cause, or in an error without a message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return `${error.message}: ${reasonOf(cause)}`;
  return error.message || ("code" in error ? String(error.code) : error.name);
}

function printed({ name, ok, detail, ms }: Finding): string {
  return `${ok ? good("✓") : bad("✗")} ${name.padEnd(10)} ${detail} ${dim(seconds(ms))}`;
}

function closing(ill: readonly Finding[]): string {
  const [first] = ill;
  if (!first) return good("All is well.");
  // The later ones mostly fail because the first does.
  return `${bad(`${first.name} is the first that is not well.`)} Mend it: ${first.mend}`;
}

await main().catch(fail);
