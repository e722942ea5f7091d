import type { Watched } from "./host.ts";

const CUSTOM = 5;
const PLUGIN = 6;

export function emitCustom(host: Watched, tag: string, payload: object): void {
  host.emit(CUSTOM, { tag, payload });
}

/** @param plugin of those that rrweb's other tools know, e.g. `rrweb/console@1` */
export function emitPlugin(host: Watched, plugin: string, payload: object): void {
  host.emit(PLUGIN, { plugin, payload });
}
