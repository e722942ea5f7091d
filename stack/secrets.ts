/** What the parts know each other by, made at the first start and kept in `$RRHOG_DATA/secrets.json`, mode 0600. */
import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";
import { StartError } from "./start-error.ts";

const Secrets = z.object({
  /** Shared by the edge and the API. */
  edgeSecret: z.string().min(16),
  /** Signs session cookies. */
  authSecret: z.string().min(32),
  natsEdgePassword: z.string().min(16),
  natsWorkerPassword: z.string().min(16),
});
export type Secrets = z.infer<typeof Secrets>;

/** @throws StartError when the file is there but says nothing */
export async function readOrMakeSecrets(file: string): Promise<Secrets> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new StartError(`secrets: ${file} cannot be read (${error.code})`);
  });
  if (text === null) return makeSecrets(file);
  const secrets = Secrets.safeParse(parseJson(text));
  if (secrets.success) return secrets.data;
  throw new StartError(
    `secrets: ${file} is damaged. Restore it from a backup, or delete it: new ones are made, and everybody signs in again`,
  );
}

async function makeSecrets(file: string): Promise<Secrets> {
  const secret = () => randomBytes(32).toString("hex");
  const secrets: Secrets = {
    edgeSecret: secret(),
    authSecret: secret(),
    natsEdgePassword: secret(),
    natsWorkerPassword: secret(),
  };
  await writeFile(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return secrets;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
