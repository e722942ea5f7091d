import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const run = promisify(execFile);

/** An application that has the package from npm, and React. */
let app: string;

beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), "rrhog-app-"));
  const own = join(app, "node_modules/@rrhog/browser");
  await mkdir(own, { recursive: true });
  await symlink(join(ROOT, "sdk/package.json"), join(own, "package.json"));
  await run(process.execPath, [TSC, "-p", "sdk/tsconfig.types.json", "--outDir", join(own, "dist/types")], {
    cwd: ROOT,
  });
  for (const name of ["react", "@types"]) {
    await symlink(join(ROOT, "node_modules", name), join(app, "node_modules", name));
  }
});
afterAll(() => rm(app, { recursive: true, force: true }));

/** What the compiler has to say of a file of the application. */
async function complaintsOf(name: string, text: string): Promise<string> {
  await writeFile(join(app, name), text);
  const options =
    "--noEmit --strict --exactOptionalPropertyTypes --module esnext --moduleResolution bundler --jsx react-jsx";
  const args = [TSC, ...options.split(" "), "--types", "", "--skipLibCheck", name];
  return run(process.execPath, args, { cwd: app }).then(
    () => "",
    (error: { stdout: string }) => error.stdout,
  );
}

it("types the React example", async () => {
  expect(await complaintsOf("example.tsx", await readFile(join(ROOT, "sdk/examples/use-rrhog.tsx"), "utf8"))).toBe("");
});

it("types its options: what is wrong is told, what is right is not", async () => {
  const good = 'rrhog.init({ key: "k", host: "https://in.example.com", privacy: "strict", console: ["error"] });';
  const bad = 'rrhog.init({ key: "k", host: 1, privacy: "loose" });';
  const importing = 'import { rrhog } from "@rrhog/browser";\n';
  expect(await complaintsOf("good.ts", importing + good)).toBe("");
  const complaints = await complaintsOf("bad.ts", importing + bad);
  expect(complaints).toContain("Type 'number' is not assignable to type 'string'");
  expect(complaints).toContain('"loose"');
});
