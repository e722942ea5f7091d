/** With a terminal: one key opens the console or the shop, runs the doctor, or stops. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Addresses } from "./addresses.ts";
import { ROOT } from "./settings.ts";

export const KEYS_HELP = "Keys: o console · s demo shop · d doctor · q stop";

const CTRL_C = "\u0003";

/** @returns what gives the terminal back */
export function listenToKeys(addresses: Addresses, stop: () => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => {};
  const onKey = (key: string) => {
    if (key === "o") openPage(addresses.uiUrl);
    if (key === "s") openPage(addresses.demoUrl);
    if (key === "d")
      spawn(process.execPath, [join(ROOT, "cli/doctor.ts")], { stdio: ["ignore", "inherit", "inherit"] });
    // In raw mode the terminal no longer makes a signal of it.
    if (key === "q" || key === CTRL_C) stop();
  };
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  stdin.on("data", onKey);
  return () => {
    stdin.off("data", onKey);
    stdin.setRawMode(false);
    stdin.pause();
  };
}

function openPage(url: string): void {
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  const child = spawn(opener, [url], { stdio: "ignore", detached: true });
  child.on("error", () => console.log(`Open ${url}`));
  child.unref();
}
