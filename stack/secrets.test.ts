import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readOrMakeSecrets } from "./secrets.ts";

describe("secrets", () => {
  let file: string;
  beforeEach(async () => {
    file = join(await mkdtemp(join(tmpdir(), "rrhog-secrets-")), "secrets.json");
  });
  afterEach(() => rm(join(file, ".."), { recursive: true, force: true }));

  it("are made once, for the owner's eyes, and stay", async () => {
    const made = await readOrMakeSecrets(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(new Set(Object.values(made)).size).toBe(4);
    expect(await readOrMakeSecrets(file)).toEqual(made);
  });

  it.each(["{", "{}", ""])("that are damaged (%j) stop the start and are not overwritten", async (text) => {
    await writeFile(file, text);
    await expect(readOrMakeSecrets(file)).rejects.toThrow(/^secrets: .*secrets\.json is damaged\. Restore it/);
    expect((await stat(file)).size).toBe(text.length);
  });
});
