import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findNatsServer } from "./nats-binary.ts";

describe("nats-server is taken from the first place that has a fit one", () => {
  let folder: string;

  /** A program that says what nats-server would say of its version. */
  async function fake(path: string, version: string): Promise<string> {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `#!/bin/sh\necho "nats-server: v${version}"\n`);
    await chmod(file, 0o755);
    return file;
  }

  /** Nothing on the path beside what is given, and no platform for which there is a pinned file. */
  const look = (env: Record<string, string>, platform = "plan9-mips") =>
    findNatsServer({ env, platform, cacheDir: join(folder, "cache") });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rrhog-nats-binary-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("NATS_SERVER_BIN before the path", async () => {
    const asked = await fake("asked/nats-server", "2.11.4");
    const onPath = await fake("path/nats-server", "2.15.1");
    expect(await look({ NATS_SERVER_BIN: asked, PATH: dirname(onPath) })).toEqual({ path: asked, version: "2.11.4" });
    expect(await look({ PATH: dirname(onPath) })).toEqual({ path: onPath, version: "2.15.1" });
  });

  it("what an earlier start has fetched, when the one on the path is too old", async () => {
    const old = await fake("old/nats-server", "2.9.10");
    const cached = await fake("cache/nats-server-2.15.1/nats-server", "2.15.1");
    expect(await look({ PATH: dirname(old) }, "linux-x64")).toEqual({ path: cached, version: "2.15.1" });
  });

  it("and none says in one line what was tried and what helps", async () => {
    const old = await fake("old/nats-server", "2.9.10");
    await expect(look({ PATH: dirname(old) })).rejects.toThrow(
      /^nats: no nats-server, and no way to get one \(.*old\/nats-server is 2\.9\.10, older than 2\.10; .*\)\. Install nats-server 2\.10 or later, or set NATS_SERVER_BIN or NATS_URL$/,
    );
  });

  it("but never another than the one that was asked for", async () => {
    await expect(look({ NATS_SERVER_BIN: join(folder, "nowhere") })).rejects.toThrow("which does not run");
    const old = await fake("old/nats-server", "2.9.10");
    await expect(look({ NATS_SERVER_BIN: old })).rejects.toThrow("is version 2.9.10, and 2.10 or later is needed");
  });
});
