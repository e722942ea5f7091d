/**
 * Takes the acts out of a recording before it is rebuilt. The sandbox lets no script run and the security policy lets
 * nothing be fetched; this removes what neither governs (a refresh, a base address, a connection opened ahead) and what
 * they govern once more, so that one mistake is not enough.
 */
import { elementsIn, mutationOf, type RecordedNode, type RrwebEvent, snapshotOf } from "./rrweb-event.ts";

type Attributes = Record<string, unknown>;

/** `<link rel>`s that act on nothing but the page: the others connect, fetch ahead or tell the browser of the site. */
const HARMLESS_RELS = new Set(["stylesheet", "alternate", "canonical", "author", "license", "help"]);

/** Elements whose address the browser would open in a context of its own. */
const EMBEDDING = new Set(["iframe", "frame", "object", "embed", "portal", "fencedframe"]);
const EMBEDDED_BY = ["src", "srcdoc", "data", "code", "codebase"];

/** Changes `event` in place, and answers it: events are large, and nobody else holds them yet. */
export function makeInert(event: RrwebEvent): RrwebEvent {
  const snapshot = snapshotOf(event);
  if (snapshot) disarmTree(snapshot);
  const mutation = mutationOf(event);
  for (const node of mutation?.added ?? []) disarmTree(node);
  // Which element a change belongs to is not said, so it is held to what would be harmful on any.
  for (const { attributes } of mutation?.changed ?? []) {
    disarmAttributes(attributes);
    delete attributes["http-equiv"];
    if ("rel" in attributes && !isHarmlessRel(attributes.rel)) delete attributes.rel;
  }
  return event;
}

function disarmTree(root: RecordedNode): void {
  for (const { tagName, attributes } of elementsIn(root)) {
    disarmAttributes(attributes);
    const tag = String(tagName).toLowerCase();
    if (tag === "base" || (tag === "meta" && "http-equiv" in attributes)) clear(attributes);
    // A sheet's text is recorded beside its address, which the policy would not let be fetched.
    if (tag === "link") delete attributes.href;
    if (EMBEDDING.has(tag)) for (const name of EMBEDDED_BY) delete attributes[name];
  }
}

function disarmAttributes(attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    const lower = name.toLowerCase();
    if (lower.startsWith("on") || lower === "srcdoc" || lower === "ping" || isScriptAddress(value)) {
      delete attributes[name];
    }
  }
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

function clear(attributes: Attributes): void {
  for (const name of Object.keys(attributes)) delete attributes[name];
}
