/** The scripts that a browser fetches for the sessions page on a first visit, gzipped. */
import { gzipSync } from "node:zlib";
import type { Figure, Progress } from "../figure.ts";
import type { Rig } from "./rig.ts";

const KIB_MAX = 200;

export async function scriptsFigure(rig: Rig, progress: Progress): Promise<Figure> {
  progress("ui: the scripts of the sessions page");
  // Its cache is empty; the person is the same.
  const context = await rig.context.browser()?.newContext({ storageState: await rig.context.storageState() });
  if (!context) throw new Error("the browser has gone");
  const page = await context.newPage();
  const scripts: Promise<Buffer>[] = [];
  page.on("response", (response) => {
    if (response.headers()["content-type"]?.includes("javascript")) scripts.push(response.body());
  });
  await page.goto(`${rig.uiUrl}/projects/1/sessions`, { waitUntil: "networkidle" });
  const bodies = await Promise.all(scripts);
  await context.close();
  const kib = bodies.reduce((sum, body) => sum + gzipSync(body, { level: 9 }).byteLength, 0) / 1024;
  return {
    bench: "ui.scripts",
    ratio: kib / KIB_MAX,
    goal: 1,
    better: "lower",
    detail: `${kib.toFixed(0)} KiB of ${KIB_MAX} for the sessions page, gzipped, in ${bodies.length} files`,
  };
}
