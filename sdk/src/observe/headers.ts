import type { Watched } from "./host.ts";
import { listOf } from "./list.ts";
import type { NetworkRequest } from "./network.ts";
import { cut, SECRET_NAME, scrubText } from "./text.ts";

const VALUE_MAX = 500;

/** Sets those of the headers that are to be recorded, and are not of the kind that lets somebody in. */
export function headersOf(
  host: Watched,
  request: NetworkRequest,
  member: "requestHeaders" | "responseHeaders",
  headers: HeadersInit | undefined,
): void {
  const names = listOf(host.options.recordHeaders).map((name) => name.toLowerCase());
  if (names.length === 0 || !headers) return;
  const told = [...new Headers(headers)].filter(([name]) => names.includes(name) && !SECRET_NAME.test(name));
  request[member] = Object.fromEntries(told.map(([name, value]) => [name, cut(scrubText(host, value), VALUE_MAX)]));
}
