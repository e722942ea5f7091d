/** An element in words: what it is, what it says, and how to find it again. */
import { type DomNode, NodeType } from "./node.ts";
import { hidesItself, isField, shownValue } from "./visible.ts";

export interface Description {
  /** Its beginning. */
  tag: string;
  /**
   * A CSS selector that finds the element and no other in its document or shadow tree, as long as it is at most
   * SELECTOR_MAX long. ` >>> ` leads from a host into its shadow tree, and from a frame into its document.
   */
  selector: string;
  /** What it shows, in one line. Of fields nothing: that is what somebody typed. */
  text: string;
  /** ARIA's: what it says, else what its tag stands for; '' for none. */
  role: string;
  /** What it is called beside its text: aria-label, alt, title, placeholder; '' for none. */
  name: string;
}

/** What finds elements by their ids. */
export interface Anchors {
  isUnique(anchor: string): boolean;
}

const TEXT_MAX = 100;
const SELECTOR_MAX = 1_000;
/** Siblings that are looked at: among more, an element is found by its place no more. */
const SIBLINGS_MAX = 5_000;
/** Nodes that are looked at for an element's text: a hostile one has half a million without any. */
const TEXT_NODES_MAX = 5_000;
/** Siblings of one tag among which a class may tell an element. */
const RIVALS_MAX = 200;

/** What people mean to press, whatever lies in it: as our recorder has it (sdk/src/observe/clicks.ts). */
const CONTROLS = new Set(["a", "button", "summary", "label", "option"]);
const CONTROL_ROLES = new Set(["button", "link", "tab", "menuitem", "option"]);

/** The link, button or the like that a node belongs to, else the node itself, or the element around a text. */
export function controlOf(node: DomNode): DomNode {
  for (let at: DomNode | null = node; at; at = at.parent) {
    if (at.type !== NodeType.Element) continue;
    if (CONTROLS.has(at.tag) || CONTROL_ROLES.has(at.attribute("role") ?? "")) return at;
  }
  return elementOf(node);
}

function elementOf(node: DomNode): DomNode {
  let at = node;
  while (at.type !== NodeType.Element && at.parent) at = at.parent;
  return at;
}

export function describe(element: DomNode, anchors: Anchors): Description {
  return {
    tag: element.tag.slice(0, TEXT_MAX),
    selector: selectorOf(element, anchors),
    text: textOf(element),
    role: element.attribute("role") ?? roleOf(element),
    name: nameOf(element),
  };
}

/** What is shown in an element, in one line, its beginning. */
function textOf(element: DomNode): string {
  const isButton = element.tag === "input" && /^(?:submit|button|reset)$/i.test(element.attribute("type") ?? "");
  if (isButton) return oneLine(shownValue(element));
  let text = "";
  const waiting: DomNode[] = [element];
  let seen = 0;
  for (
    let node = waiting.pop();
    node && text.length <= TEXT_MAX && seen < TEXT_NODES_MAX;
    node = waiting.pop(), seen++
  ) {
    if (node !== element && node.next) waiting.push(node.next);
    if (node.type === NodeType.Text) text += node.text.slice(0, 10 * TEXT_MAX).replace(/\s+/g, " ");
    else if (!hidesItself(node) && !isField(node) && node.first) waiting.push(node.first);
  }
  return oneLine(text);
}

function oneLine(text: string): string {
  return text
    .trim()
    .slice(0, 10 * TEXT_MAX)
    .replace(/\s+/g, " ")
    .slice(0, TEXT_MAX)
    .trimEnd();
}

function nameOf(element: DomNode): string {
  for (const attribute of ["aria-label", "alt", "title", "placeholder"]) {
    const name = element.attribute(attribute)?.trim();
    if (name) return oneLine(name);
  }
  return "";
}

const ROLES: Record<string, string> = {
  button: "button",
  summary: "button",
  select: "combobox",
  textarea: "textbox",
  img: "img",
  option: "option",
  nav: "navigation",
  main: "main",
  dialog: "dialog",
  table: "table",
  form: "form",
};

function roleOf(element: DomNode): string {
  const { tag } = element;
  if (tag === "a") return element.attribute("href") === null ? "" : "link";
  if (/^h[1-6]$/.test(tag)) return "heading";
  if (tag !== "input") return Object.hasOwn(ROLES, tag) ? (ROLES[tag] as string) : "";
  const type = (element.attribute("type") ?? "text").toLowerCase();
  if (type === "checkbox" || type === "radio") return type;
  return /^(?:submit|button|reset|image)$/.test(type) ? "button" : "textbox";
}

/** As the recorder's own (sdk/src/observe/describe-element.ts), but for classes and that it goes on until it is certain. */
export function selectorOf(element: DomNode, anchors: Anchors): string {
  const parts: string[] = [];
  let steps: string[] = [];
  let length = 0;
  for (let at: DomNode | null = element; at && length <= SELECTOR_MAX; ) {
    const anchor = anchorOf(at, anchors);
    const step = anchor ?? stepOf(at);
    steps.unshift(step);
    length += step.length + 3;
    let up: DomNode | null = at.parent;
    if (anchor === null && up?.type === NodeType.Element) {
      at = up;
      continue;
    }
    parts.unshift(steps.join(" > "));
    steps = [];
    while (up && up.type === NodeType.Element) up = up.parent;
    at = up?.parent ?? null;
  }
  if (steps.length > 0) parts.unshift(steps.join(" > "));
  return parts.join(" >>> ");
}

/** By what its author calls it. An id with a number in it was likely made up for this one page. */
function anchorOf(element: DomNode, anchors: Anchors): string | null {
  const testId = element.attribute("data-testid");
  if (testId && testId.length <= TEXT_MAX && anchors.isUnique(`@${testId}`))
    return `[data-testid="${escaped(testId)}"]`;
  const id = element.attribute("id");
  if (!id || id.length > TEXT_MAX || /\d{2}|[^\w-]/.test(id) || /^-?\d|^-$/.test(id)) return null;
  return anchors.isUnique(`#${id}`) ? `#${id}` : null;
}

function escaped(text: string): string {
  // A line end in a CSS string is written by its number.
  return text.replace(/["\\]/g, "\\$&").replace(/\p{Cc}/gu, (control) => `\\${control.charCodeAt(0).toString(16)} `);
}

/** Its tag; among siblings of that tag, the class that only it has, else its place. */
function stepOf(element: DomNode): string {
  const { tag } = element;
  const name =
    element.marks?.isSVG && /^(?:fe.|.*gradient$|clippath|foreignobject|textpath|animate.|altglyph)/.test(tag)
      ? null
      : tag;
  if (name === null || name.length > TEXT_MAX || !/^[a-z][\w-]*$/.test(name))
    return `:nth-child(${placeOf(element, null)})`;
  const alike: DomNode[] = [];
  let seen = 0;
  for (let at = element.parent?.first ?? null; at && seen < SIBLINGS_MAX; at = at.next, seen++) {
    if (at.tag === tag && at.type === NodeType.Element && at !== element) alike.push(at);
  }
  if (alike.length === 0) return name;
  const own = alike.length < RIVALS_MAX ? classesOf(element) : [];
  const sole = own.find((one) => !alike.some((other) => classesOf(other).includes(one)));
  return sole === undefined ? `${name}:nth-of-type(${placeOf(element, tag)})` : `${name}.${sole}`;
}

/** Classes that say what it is: none that a build has made up, and none of a moment's state. */
function classesOf(element: DomNode): string[] {
  const text = element.attributes.class;
  if (typeof text !== "string" || text.length > SELECTOR_MAX) return [];
  return text
    .split(/\s+/)
    .filter((one) => /^[a-zA-Z][a-zA-Z_-]{1,30}$/.test(one) && !PASSING.test(one))
    .slice(0, 8);
}

const PASSING =
  /(?:^|[-_])(?:active|selected|current|open|opened|closed|hover|focus|focused|disabled|enabled|checked|visible|hidden|show|shown|loading|loaded|expanded|collapsed|dragging|editing|error|invalid|valid|first|last|odd|even)$/i;

function placeOf(element: DomNode, tag: string | null): number {
  let place = 1;
  for (let at = element.previous; at && place < SIBLINGS_MAX; at = at.previous) {
    if (at.type === NodeType.Element && (tag === null || at.tag === tag)) place++;
  }
  return place;
}
