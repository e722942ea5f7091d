import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { completeLock } from "./complete-lockfile.mjs";
import { ROOT } from "./settings.ts";

it("the committed lock names every optional package of every platform, so that npm ci takes it", async () => {
  const lock = JSON.parse(await readFile(join(ROOT, "package-lock.json"), "utf8"));
  expect(completeLock(lock)).toEqual([]);
});

it("fills in what npm left out, bound to its platform, and touches nothing else", () => {
  const there = { version: "1.0.0", integrity: "sha512-kept", optional: true, os: ["linux"], cpu: ["x64"] };
  const lock = {
    packages: {
      "": { dependencies: { tool: "1.0.0" } },
      "node_modules/@tool/linux-x64": there,
      "node_modules/tool": {
        version: "1.0.0",
        dev: true,
        optionalDependencies: {
          "@tool/linux-x64": "1.0.0",
          "@tool/darwin-arm64": "1.0.0",
          "@tool/linux-x64-musl": "1.0.0",
        },
      },
    } as Record<string, unknown>,
  };
  expect(completeLock(lock)).toEqual(["@tool/darwin-arm64@1.0.0", "@tool/linux-x64-musl@1.0.0"]);
  expect(lock.packages["node_modules/@tool/linux-x64"]).toBe(there);
  expect(lock.packages["node_modules/@tool/darwin-arm64"]).toEqual({
    version: "1.0.0",
    dev: true,
    optional: true,
    os: ["darwin"],
    cpu: ["arm64"],
  });
  expect(lock.packages["node_modules/@tool/linux-x64-musl"]).toMatchObject({ libc: ["musl"], os: ["linux"] });
  expect(Object.keys(lock.packages)).toEqual(Object.keys(lock.packages).sort());
});
