/**
 * npm run roundtrip -- FILE: posts a recording in batches, waits until it is stored, reads it back by each route, and
 * says what was lost, doubled or changed. Exit code 0 only if nothing was.
 */
import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { PARTS, partPid, readAddresses } from "./addresses.ts";
import { READ_ROUTES } from "./read-back.ts";
import { type Recording, readRecording } from "./recording.ts";
import { bad, bytes, columns, count, fail, good, type LiveLine, liveLine, seconds, table } from "./terminal.ts";
import { isWholeTrip, makeTrip, type Trip, type TripOptions } from "./trip.ts";

const USAGE = `npm run roundtrip -- FILE [options]

  FILE                 rrweb events: a JSON array, { "events": [...] } or one event a line; gzipped or not
  --gzip               bodies are compressed
  --twice              each batch is posted twice
  --shuffle            posts go out in random order
  --kill PART          kill -9 the part when half of the posts have their 202; may be given several times
                       (${PARTS.join(", ")})
  --batch-size N       events in a batch (100)
  --parallel N         posts under way at once (1)
  --no-window          as clients without window ids
  --session ID         an unused one, instead of a random one
  --route NAME         ${READ_ROUTES.join(", ")}; may be given several times (all)
  --patience SECONDS   how long a batch is tried, and the events are waited for (120)
  --edge URL  --api URL  --write-key KEY  --read-key KEY  --project N
                       instead of the running stack's`;

const Count = z.coerce.number().int().positive();
const Arguments = z.object({
  gzip: z.boolean().default(false),
  twice: z.boolean().default(false),
  shuffle: z.boolean().default(false),
  "no-window": z.boolean().default(false),
  kill: z.array(z.enum(PARTS)).default([]),
  route: z.array(z.enum(READ_ROUTES)).default([...READ_ROUTES]),
  "batch-size": Count.default(100),
  parallel: Count.default(1),
  patience: z.coerce.number().positive().default(120),
  project: Count.default(1),
  session: z.guid().toLowerCase().optional(),
  edge: z.url().optional(),
  api: z.url().optional(),
  "write-key": z.string().default("dev_write_123"),
  "read-key": z.string().default("dev_read_123"),
});
type Arguments = z.infer<typeof Arguments>;

async function main() {
  const { values, positionals } = parseArgs({
    options: {
      gzip: { type: "boolean" },
      twice: { type: "boolean" },
      shuffle: { type: "boolean" },
      "no-window": { type: "boolean" },
      kill: { type: "string", multiple: true },
      route: { type: "string", multiple: true },
      "batch-size": { type: "string" },
      parallel: { type: "string" },
      patience: { type: "string" },
      project: { type: "string" },
      session: { type: "string" },
      edge: { type: "string" },
      api: { type: "string" },
      "write-key": { type: "string" },
      "read-key": { type: "string" },
      help: { type: "boolean", short: "h" },
    },
    allowPositionals: true,
  });
  if (values.help) return console.log(USAGE);
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new Error(`one recording, please\n\n${USAGE}`);
  const given = Arguments.safeParse(values);
  if (!given.success) throw new Error(z.prettifyError(given.error));

  const recording = await readRecording(file);
  const line = liveLine();
  const options = await tripOptions(given.data, line);
  const trip = await makeTrip(recording, options).finally(() => line.clear());
  console.log(report(basename(file), recording, options, trip));
  if (!isWholeTrip(trip)) process.exitCode = 1;
}

async function tripOptions(given: Arguments, line: LiveLine): Promise<TripOptions> {
  const addresses = await readAddresses();
  return {
    edgeUrl: given.edge ?? addresses.edgeUrl,
    apiUrl: given.api ?? addresses.apiUrl,
    writeKey: given["write-key"],
    readKey: given["read-key"],
    projectId: given.project,
    sessionId: given.session ?? randomUUID(),
    windowId: given["no-window"] ? null : randomUUID(),
    batchSize: given["batch-size"],
    gzip: given.gzip,
    twice: given.twice,
    shuffle: given.shuffle,
    parallel: given.parallel,
    routes: given.route,
    patienceMs: given.patience * 1_000,
    async atHalf() {
      for (const part of given.kill) await kill(part);
    },
    onProgress: ({ phase, done, of }) => line.show(phase, `${phase} ${count(done)} of ${count(of)}`),
  };
}

async function kill(part: (typeof PARTS)[number]) {
  const pid = await partPid(part);
  if (pid === null) throw new Error(`${part} has no process to kill: is the stack running here (RRHOG_DATA)?`);
  process.kill(pid, "SIGKILL");
}

function report(name: string, recording: Recording, { sessionId }: TripOptions, trip: Trip): string {
  const retries = [...trip.retries].map(([reason, times]) => `${times} × ${reason}`).join(", ");
  const whole = isWholeTrip(trip);
  const rows: [string, string][] = [
    ["recording", `${name} · ${count(trip.events)} events · ${bytes(recording.bytes)}`],
    ["session", sessionId],
    ["sent", `${count(trip.posts)} posts · ${count(trip.batches)} batches · ${count(trip.events)} events`],
    ["202", `${count(trip.accepted)} in ${seconds(trip.postingMs)}${retries && ` · again: ${retries}`}`],
    ["stored", verdict(trip.stored === trip.events, `${count(trip.stored)} events`)],
    [
      "visible",
      trip.visibleMs === null ? bad("not in the time given") : `${seconds(trip.visibleMs)} after the last 202`,
    ],
  ];
  if (trip.complete !== null) rows.push(["complete", trip.complete ? "yes" : "no"]);
  if (trip.duplicates !== null) rows.push(["copies seen", count(trip.duplicates)]);
  const closing = verdict(whole, whole ? "✓ nothing lost, nothing doubled, nothing changed" : "✗ not what was sent");
  return `${table(rows)}\n\n${columns(ROUTE_HEADER, trip.routes.map(routeRow))}\n\n${closing}`;
}

const ROUTE_HEADER = ["read by", "equal", "same bytes", "lost", "doubled", "foreign", "order", "in"];

function routeRow({ route, comparison, readMs }: Trip["routes"][number]): string[] {
  const { equal, identical, lost, doubled, foreign, firstMisplaced } = comparison;
  const order = firstMisplaced === null ? "right" : `wrong from ${count(firstMisplaced)}`;
  return [route, ...[equal, identical, lost, doubled, foreign].map(count), order, seconds(readMs)];
}

const verdict = (ok: boolean, text: string) => (ok ? good(text) : bad(text));

await main().catch(fail);
