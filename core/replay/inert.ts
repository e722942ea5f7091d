/**
 * Takes the acts out of a recording before it is rebuilt. The sandbox lets no script run and the security policy lets
 * nothing be fetched; this removes what neither governs (a refresh, a base address, a connection opened ahead) and what
 * they govern once more, so that one mistake is not enough.
 */
import { clobbers, clobbersAny } from "./clobbering.ts";
import { elementsIn, mutationOf, type RecordedNode, type RrwebEvent, snapshotOf } from "./rrweb-event.ts";

type Attributes = Record<string, unknown>;

/** `<link rel>`s that act on nothing but the page: the others connect, fetch ahead or tell the browser of the site. */
const HARMLESS_RELS = new Set(["stylesheet", "alternate", "canonical", "author", "license", "help"]);

/** Elements whose address the browser would open in a context of its own. */
const EMBEDDING = new Set(["iframe", "frame", "object", "embed", "portal", "fencedframe"]);
const EMBEDDED_BY = new Set(["src", "srcdoc", "data", "code", "codebase"]);

/** A sheet's text is recorded beside its address, which the policy would not let be fetched. */
const LINKED_BY = new Set(["href", "imagesrcset"]);

/** They are asked for beside what the element is. */
const CALLING = new Set(["srcdoc", "ping", "attributionsrc"]);

/** Changes `event` in place, and answers it: events are large, and nobody else holds them yet. */
export function makeInert(event: RrwebEvent): RrwebEvent {
  const snapshot = snapshotOf(event);
  if (snapshot) disarmTree(snapshot);
  const mutation = mutationOf(event);
  for (const node of mutation?.added ?? []) disarmTree(node);
  // Which element a change belongs to is not said, so it is held to what would be harmful on any.
  for (const { attributes } of mutation?.changed ?? []) {
    disarm(attributes, (name, value) => {
      if (name === "http-equiv") return true;
      return name === "rel" ? !isHarmlessRel(value) : clobbersAny(name, value);
    });
  }
  return event;
}

function disarmTree(root: RecordedNode): void {
  for (const { tagName, attributes } of elementsIn(root)) {
    const tag = typeof tagName === "string" ? tagName.toLowerCase() : "";
    const names = Object.keys(attributes).map((name) => name.toLowerCase());
    const isWholly = tag === "base" || (tag === "meta" && names.includes("http-equiv"));
    disarm(attributes, (name, value) => {
      if (isWholly || clobbers(tag, name, value)) return true;
      return (tag === "link" && LINKED_BY.has(name)) || (EMBEDDING.has(tag) && EMBEDDED_BY.has(name));
    });
  }
}

/** @param isHarmful told names as browsers take them: whatever their case */
function disarm(attributes: Attributes, isHarmful: (name: string, value: unknown) => boolean): void {
  for (const [name, value] of Object.entries(attributes)) {
    const lower = name.toLowerCase();
    if (lower.startsWith("on") || CALLING.has(lower) || isActive(lower, value) || isHarmful(lower, value)) {
      delete attributes[name];
    }
  }
}

function isActive(name: string, value: unknown): boolean {
  // Inline styles may come property by property. Any other object would become text of which nothing here was seen.
  if (typeof value === "object" && value !== null) return name !== "style";
  if (typeof value !== "string") return false;
  return isScriptAddress(value) || (name === "rr_dataurl" && !value.startsWith("data:"));
}

/** `javascript:` and `vbscript:`, also with the control characters and blanks that browsers skip. */
function isScriptAddress(value: string): boolean {
  if (!value.includes(":")) return false;
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
