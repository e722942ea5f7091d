/**
 * Takes the acts out of a recording before it is rebuilt. The sandbox lets no script run and the security policy lets
 * nothing be fetched; this removes what neither governs (a refresh, a base address, a connection opened ahead) and what
 * they govern once more, so that one mistake is not enough.
 */
import { EVENT_TYPE, NODE_TYPE, type RrwebEvent, SOURCE } from "./rrweb-event.ts";

interface RecordedNode {
  type: number;
  tagName?: string;
  attributes?: Record<string, unknown>;
  childNodes?: RecordedNode[];
}

/** `<link rel>`s that make a page: what else there is connects, fetches ahead or tells the browser about the site. */
const HARMLESS_RELS = new Set(["stylesheet", "alternate", "canonical", "author", "license", "help"]);

/** Elements whose address the browser would open in a context of its own. */
const EMBEDDING = new Set(["iframe", "frame", "object", "embed", "portal", "fencedframe"]);
const EMBEDDED_BY = ["src", "srcdoc", "data", "code", "codebase"];

/** Changes `event` in place, and answers it: events are large, and nobody else holds them yet. */
export function makeInert(event: RrwebEvent): RrwebEvent {
  const data = event.data as Record<string, unknown> | null | undefined;
  if (!data) return event;
  if (event.type === EVENT_TYPE.fullSnapshot) {
    disarmTree(data.node as RecordedNode);
  } else if (event.type === EVENT_TYPE.incremental && data.source === SOURCE.mutation) {
    for (const added of list<{ node: RecordedNode }>(data.adds)) disarmTree(added.node);
    // Which element a change belongs to is not said, so it is held to what would be harmful on any.
    for (const changed of list<{ attributes: Record<string, unknown> }>(data.attributes)) {
      disarmAttributes(changed.attributes);
      disarmChange(changed.attributes);
    }
  }
  return event;
}

/** Not by recursion: a recorded page may be nested deeper than the stack is. */
function disarmTree(root: RecordedNode | undefined): void {
  const left = root ? [root] : [];
  for (let node = left.pop(); node; node = left.pop()) {
    if (node.type === NODE_TYPE.element) disarmElement(node);
    if (Array.isArray(node.childNodes)) left.push(...node.childNodes);
  }
}

function disarmElement(node: RecordedNode): void {
  const attributes = node.attributes;
  if (!attributes) return;
  disarmAttributes(attributes);
  const tag = String(node.tagName).toLowerCase();
  if (tag === "base") clear(attributes);
  if (tag === "meta" && "http-equiv" in attributes) clear(attributes);
  if (tag === "link" && !isHarmlessRel(attributes.rel)) delete attributes.href;
  if (EMBEDDING.has(tag)) for (const name of EMBEDDED_BY) delete attributes[name];
}

function disarmAttributes(attributes: Record<string, unknown> | undefined): void {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    const lower = name.toLowerCase();
    if (lower.startsWith("on") || lower === "srcdoc" || lower === "ping" || isScriptAddress(value)) {
      delete attributes?.[name];
    }
  }
}

function disarmChange(attributes: Record<string, unknown> | undefined): void {
  if (!attributes) return;
  delete attributes["http-equiv"];
  if ("rel" in attributes && !isHarmlessRel(attributes.rel)) delete attributes.rel;
}

/** `javascript:` and `vbscript:`, also with the control characters and blanks that browsers skip. */
function isScriptAddress(value: unknown): boolean {
  if (typeof value !== "string" || !value.includes(":")) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what browsers strip from an address
  return /^(?:javascript|vbscript):/i.test(value.slice(0, 64).replace(/[\u0000-\u0020]/g, ""));
}

function isHarmlessRel(rel: unknown): boolean {
  return (
    typeof rel === "string" &&
    rel
      .toLowerCase()
      .split(/\s+/)
      .every((token) => HARMLESS_RELS.has(token))
  );
}

function clear(attributes: Record<string, unknown>): void {
  for (const name of Object.keys(attributes)) delete attributes[name];
}

function list<T>(value: unknown): T[] {
  return Array.isArray(value) ? value : [];
}
