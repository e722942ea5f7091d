import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const TOOL = fileURLToPath(new URL("source-maps.ts", import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rrhog-maps-"));
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "assets", "shop.js.map"), '{"version":3}');
  await writeFile(join(folder, "assets", "shop.js"), "");
  await writeFile(join(folder, "main.js.map"), "{}");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What an API was asked for; it takes a sign-in, and maps as `status` says. */
async function run(status: number, args: string[]) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    await request.toArray();
    asked.push(`${request.method} ${request.url} ${request.headers.cookie ?? ""}`.trim());
    if (request.url === "/v1/auth/sign-in") response.setHeader("set-cookie", "rrhog_session=abc; HttpOnly");
    else response.statusCode = status;
    const problem = { type: "urn:rrhog:problem:not_permitted", status, code: "not_permitted" };
    response.end(JSON.stringify({ ...problem, title: "This caller may not do that", detail: "a member may" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { ...process.env, RRHOG_EMAIL: "me@example.com", RRHOG_PASSWORD: "secret" };
  const told = await promisify(execFile)(process.execPath, [TOOL, ...args, "--api", api], { env }).then(
    ({ stdout }) => ({ ok: true, text: stdout }),
    ({ stderr }: { stderr: string }) => ({ ok: false, text: stderr }),
  );
  server.close();
  return { asked, ...told };
}

test("uploads each map below a folder for the script beside it, as somebody who is signed in", async () => {
  const { asked, text, ok } = await run(200, ["upload", folder, "--release", "1.2.3", "--project", "7"]);
  expect(ok, text).toBe(true);
  expect(asked).toEqual([
    "POST /v1/auth/sign-in",
    "PUT /v1/projects/7/source-maps?release=1.2.3&path=assets%2Fshop.js rrhog_session=abc",
    "PUT /v1/projects/7/source-maps?release=1.2.3&path=main.js rrhog_session=abc",
  ]);
  expect(text).toContain("2 maps of release 1.2.3");
});

test("says which map was refused, and why", async () => {
  const { ok, text } = await run(403, ["upload", folder, "--release", "1"]);
  expect(ok).toBe(false);
  expect(text).toContain("assets/shop.js.map: This caller may not do that: a member may");
});

test.each([[["upload"]], [["upload", "/nowhere-at-all", "--release", "1"]], [["download", "x", "--release", "1"]]])(
  "%j ends with what is wrong",
  async (args) => {
    const { ok, text, asked } = await run(200, args);
    expect(ok).toBe(false);
    expect(text).toMatch(/folder|release|nowhere|upload/);
    expect(asked).toEqual([]);
  },
);
