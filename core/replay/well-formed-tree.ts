/** A recorded page, or a part of one, as a DOM takes it: rrweb builds node by node, and what one node throws ends the page. */
import { isRecord, records } from "./rrweb-event.ts";

type Json = Record<string, unknown>;

/** rrweb's `NodeType`. */
const NODE = { document: 0, doctype: 1, element: 2, text: 3, cdata: 4, comment: 5 } as const;

const NAME = /^[a-z][\w.-]*(?::[\w.-]+)?$/i;
const CUSTOM_NAME = /^[a-z][a-z0-9._]*-[a-z0-9._-]*$/;
/** HTML, 4.13.2: of SVG and MathML, and so no custom elements. */
const NOT_CUSTOM = /^(?:annotation-xml|color-profile|font-face(?:-src|-uri|-format|-name)?|missing-glyph)$/;
/** DOM, 4.2.14: what may be a shadow host, custom elements apart. */
const HOST = /^(?:article|aside|blockquote|body|div|footer|h[1-6]|header|main|nav|p|section|span)$/;
const MEDIA = /^(?:audio|video)$/i;

/** Changes `root` in place: leaves out the nodes that have no place, or an id that is taken. @returns whether it is a node at all */
export function mendTree(root: Json): boolean {
  const ids = new Set<number>();
  if (!mendNode(root, ids)) return false;
  const left = [root];
  for (let parent = left.pop(); parent; parent = left.pop()) {
    if (!Array.isArray(parent.childNodes)) continue;
    const children = records(parent.childNodes).filter((child) => mendNode(child, ids));
    parent.childNodes = parent.type === NODE.document ? ofDocument(children) : children.filter(isOfElement);
    left.push(...records(parent.childNodes));
  }
  return true;
}

function mendNode(node: Json, ids: Set<number>): boolean {
  const { id, type } = node;
  if (typeof id !== "number" || ids.has(id)) return false;
  ids.add(id);
  switch (type) {
    case NODE.element:
      return mendElement(node);
    case NODE.document:
      node.childNodes = records(node.childNodes);
      return true;
    case NODE.doctype:
      if (!isName(node.name)) node.name = "html";
      for (const name of ["publicId", "systemId"]) if (typeof node[name] !== "string") node[name] = "";
      return true;
    case NODE.cdata:
      // A page of XHTML has them; the player's own page is HTML, which has none.
      node.type = NODE.text;
      return mendText(node);
    case NODE.text:
    case NODE.comment:
      return mendText(node);
    default:
      return false;
  }
}

function mendText(node: Json): boolean {
  if (typeof node.textContent !== "string") node.textContent = "";
  return true;
}

function mendElement(node: Json): boolean {
  // What rrweb's recorder itself takes for such names.
  if (!isName(node.tagName)) node.tagName = "div";
  if (!isRecord(node.attributes)) node.attributes = {};
  if (!Array.isArray(node.childNodes)) node.childNodes = [];
  const tag = String(node.tagName);
  const isCustom = CUSTOM_NAME.test(tag) && !NOT_CUSTOM.test(tag);
  if (node.isCustom && !isCustom) delete node.isCustom;
  if (node.isShadowHost && (node.isSVG || !(isCustom || HOST.test(tag)))) delete node.isShadowHost;
  const attributes = node.attributes as Json;
  for (const name of Object.keys(attributes)) {
    if (name.startsWith("rr_media") && !(MEDIA.test(tag) && mayPlay(name, attributes[name]))) delete attributes[name];
  }
  return true;
}

/** HTML, 4.8.11: beyond these a browser throws. */
function mayPlay(name: string, value: unknown): boolean {
  if (typeof value !== "number") return true;
  if (name === "rr_mediaVolume") return value >= 0 && value <= 1;
  return name !== "rr_mediaPlaybackRate" || (value >= 0.0625 && value <= 16);
}

function isName(value: unknown): boolean {
  return typeof value === "string" && NAME.test(value);
}

/** A doctype, then one element; comments anywhere. */
function ofDocument(children: Json[]): Json[] {
  const root = children.findIndex(({ type }) => type === NODE.element);
  const doctype = children.findIndex(({ type }) => type === NODE.doctype);
  return children.filter(
    ({ type }, at) => at === root || (at === doctype && (root === -1 || at < root)) || type === NODE.comment,
  );
}

function isOfElement({ type }: Json): boolean {
  return type === NODE.element || type === NODE.text || type === NODE.comment;
}
