/**
 * How much later than a reader a watcher has a batch: from its 202 to its event on the session's live stream, against
 * from its 202 until GET …/events has it for who asks again and again. Batches of the two take turns, through a whole stack.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Addresses } from "#cli/addresses.ts";
import { DEMO_KEYS } from "#core/api/auth/development-access.ts";
import { startStack } from "../../test/support/running-stack.ts";
import { type Figure, median, type Progress, percentile } from "../figure.ts";

const TURNS = 25;
/** A recorder seals a batch every few seconds: each finds a worker that waits. */
const BETWEEN_MS = 500;
const ASK_EVERY_MS = 10;
const GOAL = 1.25;

export async function liveFigure(progress: Progress): Promise<Figure> {
  progress("api: starting a stack");
  const stack = await startStack();
  try {
    const site = recorder(stack.addresses);
    await site.readable(await site.post());
    const watcher = await watch(stack.addresses, site.session);
    const waits: { watched: number; read: number }[] = [];
    // The first turn is not counted: everything is done for the first time in it.
    for (let turn = 0; turn <= TURNS; turn++) {
      progress(`api: a batch and who watches, turn ${turn} of ${TURNS}`);
      const read = await timed(await site.post(), (batch) => site.readable(batch));
      await sleep(BETWEEN_MS);
      const watched = await timed(await site.post(), ({ seq }) => watcher.until(seq));
      await sleep(BETWEEN_MS);
      if (turn > 0) waits.push({ watched, read });
    }
    watcher.leave();
    const watched = waits.map((wait) => wait.watched);
    const read = waits.map((wait) => wait.read);
    return {
      bench: "api.live",
      ratio: median(watched) / median(read),
      goal: GOAL,
      better: "lower",
      detail: `from its 202 to who watches ${told(watched)}, to who asks for it ${told(read)}; ${TURNS} batches each`,
    };
  } finally {
    await stack.stop();
  }
}

interface Posted {
  seq: number;
  ts: number;
}

/** A window of a session that is being recorded. */
function recorder({ edgeUrl, apiUrl }: Addresses) {
  const session = randomUUID();
  const window_id = randomUUID();
  let seq = -1;
  return {
    session,
    /** Resolves with its 202. */
    async post(): Promise<Posted> {
      const ts = Date.now();
      const events = [{ type: 5, timestamp: ts, data: { tag: "live", payload: { seq: ++seq } } }];
      const answer = await fetch(`${edgeUrl}/i`, {
        method: "POST",
        headers: { authorization: `Bearer ${DEMO_KEYS.write}`, "content-type": "application/json" },
        body: JSON.stringify({ session_id: session, window_id, seq, events }),
      });
      if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`);
      await answer.body?.cancel();
      return { seq, ts };
    },
    async readable({ ts }: Posted): Promise<void> {
      for (; ; await sleep(ASK_EVERY_MS)) {
        const answer = await get(apiUrl, `sessions/${session}/events?window_id=${window_id}&limit=1000`);
        if ((await answer.text()).includes(`"timestamp":${ts}`)) return;
      }
    },
  };
}

async function watch({ apiUrl }: Addresses, session: string) {
  const gone = new AbortController();
  const answer = await get(apiUrl, `sessions/${session}/live`, gone.signal);
  if (!answer.ok) throw new Error(await answer.text());
  const seen = new Map<number, PromiseWithResolvers<void>>();
  const of = (seq: number) => {
    const known = seen.get(seq) ?? Promise.withResolvers<void>();
    seen.set(seq, known);
    return known;
  };
  void (async () => {
    const utf8 = new TextDecoder();
    let text = "";
    for await (const chunk of answer.body ?? []) {
      text += utf8.decode(chunk, { stream: true });
      for (let end = text.indexOf("\n\n"); end !== -1; end = text.indexOf("\n\n")) {
        const seq = /^event: batch\ndata: .*"seq":(\d+),"events"/m.exec(text.slice(0, end))?.[1];
        if (seq !== undefined) of(Number(seq)).resolve();
        text = text.slice(end + 2);
      }
    }
  })().catch(() => {}); // left
  return { until: (seq: number) => of(seq).promise, leave: () => gone.abort() };
}

function get(apiUrl: string, path: string, signal: AbortSignal | null = null): Promise<Response> {
  const headers = { authorization: `Bearer ${DEMO_KEYS.read}` };
  return fetch(`${apiUrl}/v1/projects/1/${path}`, { headers, signal });
}

/** @returns ms */
async function timed<T>(posted: T, until: (posted: T) => Promise<void>): Promise<number> {
  const began = performance.now();
  await until(posted);
  return performance.now() - began;
}

function told(waits: readonly number[]): string {
  return `${median(waits).toFixed(0)} ms in the median and ${percentile(waits, 0.95).toFixed(0)} in 95 of 100`;
}
