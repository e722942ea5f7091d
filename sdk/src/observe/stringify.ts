/**
 * What was given to the console, as JSON: bounded in depth, in members and in length. Runs no code of the page but the
 * traps of a proxy: no getter, no `toJSON`, no `toString`.
 */
import { toJson } from "../json.ts";
import type { Watched } from "./host.ts";
import { cut, MASK, SECRET_NAME, scrubText } from "./text.ts";

const TEXT_MAX = 1_000;
const TOTAL_MAX = 10_000;
const MEMBERS_MAX = 50;
const DEPTH_MAX = 4;

export function stringify(host: Watched, value: unknown): string {
  const { view } = host;
  let left = TOTAL_MAX;
  const above: unknown[] = [];

  function text(whole: string): string {
    const short = cut(scrubText(host, whole.slice(0, TEXT_MAX * 2)), Math.min(TEXT_MAX, left));
    left -= short.length;
    return short;
  }

  function plain(value: unknown): unknown {
    left -= 4;
    if (left <= 0) return "…";
    if (typeof value === "string") return text(value);
    if (typeof value === "function") return `[Function ${text(String(own(value, "name")))}]`;
    if (value === null || typeof value === "boolean" || Number.isFinite(value)) return value;
    if (typeof value !== "object") return String(value);
    if (above.includes(value)) return "[Circular]";
    if (value instanceof view.Node) return `[${value.nodeName}]`;
    if (value instanceof view.Error) return text(describeError(value));
    if (value instanceof view.Date) return Number.isNaN(+value) ? "Invalid Date" : value.toISOString();
    if (above.length >= DEPTH_MAX || ArrayBuffer.isView(value)) return Object.prototype.toString.call(value);
    above.push(value);
    const result = Array.isArray(value) ? items(value) : members(value);
    above.pop();
    return result;
  }

  function items(value: readonly unknown[]): unknown[] {
    const list: unknown[] = value.slice(0, MEMBERS_MAX).map(plain);
    if (value.length > MEMBERS_MAX) list.push(`… ${value.length - MEMBERS_MAX} more`);
    return list;
  }

  function members(value: object): unknown {
    if (value instanceof view.Set) return items([...value]);
    const isMap = value instanceof view.Map;
    const names: unknown[] = isMap ? [...value.keys()] : Object.keys(value);
    if (names.length === 0 && !isMap && !isPlain(value)) return Object.prototype.toString.call(value);
    const result: Record<string, unknown> = {};
    for (const key of names.slice(0, MEMBERS_MAX)) {
      const name = cut(typeof key === "string" ? key : String(plain(key)), 100);
      left -= name.length;
      if (SECRET_NAME.test(name)) result[name] = MASK;
      else result[name] = plain(isMap ? value.get(key) : own(value, key as string));
    }
    if (names.length > MEMBERS_MAX) result["…"] = `${names.length - MEMBERS_MAX} more`;
    return result;
  }

  function isPlain(value: object): boolean {
    const prototype = Object.getPrototypeOf(value);
    return prototype === null || prototype === view.Object.prototype;
  }

  try {
    return toJson(plain(value));
  } catch {
    return '"[unreadable]"';
  }
}

function own(value: object, name: string): unknown {
  const member = Object.getOwnPropertyDescriptor(value, name);
  return member && "value" in member ? member.value : "(…)";
}

/** Firefox and Safari leave the message out of the stack. */
function describeError({ name, message, stack = "" }: Error): string {
  return stack.startsWith(name) ? stack : `${name}: ${message}\n${stack}`;
}
