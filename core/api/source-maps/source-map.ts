import { TraceMap } from "@jridgewell/trace-mapping";

/** Whether stacks can be mapped by what these bytes are. */
export function isSourceMap(map: Uint8Array): boolean {
  try {
    const { sources, version } = new TraceMap(new TextDecoder("utf-8", { fatal: true }).decode(map));
    return version === 3 && sources.length > 0;
  } catch {
    return false;
  }
}
