/**
 * npm run import -- FILE: brings a recording into a project by the API, as a member, and waits until it is loaded.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { readAddresses } from "./addresses.ts";
import { answered, SIGN_IN_USAGE, signIn } from "./session.ts";
import { bytes, count, fail, good, liveLine, seconds, table } from "./terminal.ts";

const USAGE = `npm run import -- FILE [options]

  FILE                 a session's export as JSON, rrweb events (a JSON array or { "events": [...] }), or PostHog's export
                       of a recording; gzipped or not, up to 256 MiB inflated
  --project N          (1)
  --patience SECONDS   how long the loading is waited for (300)
  --api URL            instead of the running stack's

  ${SIGN_IN_USAGE}`;

const Arguments = z.object({
  project: z.coerce.number().int().positive().default(1),
  patience: z.coerce.number().positive().default(300),
  api: z.url().optional(),
});

const Import = z.object({
  import_id: z.string(),
  session_id: z.string(),
  events: z.number(),
  batches: z.number(),
  batches_left: z.number(),
});
type Import = z.infer<typeof Import>;

const POLL_MS = 500;
const READING_RETRY_MS = 5_000;

async function main() {
  const { values, positionals } = parseArgs({
    options: {
      project: { type: "string" },
      patience: { type: "string" },
      api: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
    allowPositionals: true,
  });
  if (values.help) return console.log(USAGE);
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new Error(`one recording, please\n\n${USAGE}`);
  const given = Arguments.safeParse(values);
  if (!given.success) throw new Error(z.prettifyError(given.error));
  const { project, patience } = given.data;
  const apiUrl = given.data.api ?? (await readAddresses()).apiUrl;

  const startedAt = performance.now();
  const cookie = await signIn(apiUrl);
  const { imported, isNew } = await upload(`${apiUrl}/v1/projects/${project}/import`, cookie, file);
  const giveUpAt = Date.now() + patience * 1_000;
  const line = liveLine();
  for (let left = imported.batches_left; left > 0; ) {
    line.show("loading", `loading ${count(imported.batches - left)} of ${count(imported.batches)} batches`);
    if (Date.now() > giveUpAt) throw new Error("not loaded in the time given: is the worker running? npm run doctor");
    await sleep(POLL_MS);
    const url = `${apiUrl}/v1/projects/${project}/import/${imported.import_id}`;
    left = Import.parse(await answered(await fetch(url, { headers: { cookie } }))).batches_left;
  }
  line.clear();
  console.log(
    table([
      ["session", imported.session_id],
      ["events", count(imported.events)],
      ["loaded", isNew ? `in ${seconds(performance.now() - startedAt)}` : "it was here before"],
    ]),
  );
  console.log(`\n${good("✓")} /projects/${project}/sessions/${imported.session_id}`);
}

/** Another file may be read just now: then it is this one's turn a little later. */
async function upload(url: string, cookie: string, file: string): Promise<{ imported: Import; isNew: boolean }> {
  const { size } = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read: ${error.code ?? error.message}`);
  });
  for (;;) {
    const line = liveLine();
    let sent = 0;
    async function* pieces() {
      for await (const piece of createReadStream(file) as AsyncIterable<Buffer>) {
        sent += piece.length;
        line.show("uploading", `uploading ${bytes(sent)} of ${bytes(size)}`);
        yield piece;
      }
    }
    const headers = { cookie, "content-type": "application/octet-stream" };
    const body = Readable.toWeb(Readable.from(pieces())) as ReadableStream<Uint8Array<ArrayBuffer>>;
    const answer = await fetch(url, { method: "POST", headers, body, duplex: "half" } as RequestInit);
    line.clear();
    if (answer.status === 429) await sleep(READING_RETRY_MS);
    else return { imported: Import.parse(await answered(answer)), isNew: answer.status === 202 };
  }
}

await main().catch(fail);
