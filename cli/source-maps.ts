/** npm run source-maps: uploads the maps of a build, so that stacks of errors are shown in the sources' words. */
import { readdir, readFile } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { readAddresses } from "./addresses.ts";
import { answered, SIGN_IN_USAGE, signIn } from "./session.ts";
import { bytes, fail, good, liveLine } from "./terminal.ts";

const USAGE = `npm run source-maps -- upload FOLDER --release VERSION [options]

  Uploads each .map file below FOLDER for the script of the same name beside it.

  --release VERSION  as the recorder's init says it
  --project ID       1 where it is not said
  --prefix PATH      before each script's path, where its end alone is not told apart from another's
  --api URL          instead of the running stack's

  ${SIGN_IN_USAGE}`;

const Arguments = z.object({
  action: z.literal("upload"),
  folder: z.string(),
  release: z.string().min(1),
  project: z.coerce.number().int().positive().default(1),
  prefix: z.string().default(""),
  api: z.url().optional(),
});

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      release: { type: "string" },
      project: { type: "string" },
      prefix: { type: "string" },
      api: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
    allowPositionals: true,
  });
  if (values.help) return console.log(USAGE);
  const [action, folder] = positionals;
  const parsed = Arguments.safeParse({ ...values, action, folder });
  if (!parsed.success) throw new Error(`${z.prettifyError(parsed.error)}\n\n${USAGE}`);
  const given = parsed.data;
  const api = given.api ?? (await readAddresses()).apiUrl;
  const names = (await readdir(resolve(given.folder), { recursive: true })).filter((name) => name.endsWith(".map"));
  if (names.length === 0) throw new Error(`there is no .map file below ${given.folder}`);

  const cookie = await signIn(api);
  const line = liveLine();
  let sent = 0;
  for (const [index, name] of names.toSorted().entries()) {
    const map = await readFile(join(given.folder, name));
    line.show(name, `${index + 1} of ${names.length}  ${name}  ${bytes(map.length)}`);
    const path = `${given.prefix}${name
      .split(sep)
      .join("/")
      .replace(/\.map$/, "")}`;
    const search = new URLSearchParams({ release: given.release, path });
    const url = `${api}/v1/projects/${given.project}/source-maps?${search}`;
    const answer = await fetch(url, {
      method: "PUT",
      headers: { cookie, "content-type": "application/json" },
      body: map,
    });
    await answered(answer).catch((error: Error) => {
      throw new Error(`${name}: ${error.message}`);
    });
    sent += map.length;
  }
  line.clear();
  console.log(good(`✓ ${names.length} maps of release ${given.release}, ${bytes(sent)}`));
}

await main().catch(fail);
