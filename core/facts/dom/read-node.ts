/**
 * rrweb's serialized nodes, as they come: from any recorder, in any state. Read by hand, member by member, since a schema
 * over each of a page's ten thousands of nodes takes longer than the fold.
 */
import { type Attributes, DomNode, NO_ATTRIBUTES, type NodeMarks, NodeType } from "./node.ts";

export type Json = Record<string, unknown>;

export function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function records(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** A node's id, or a reference to one; null where it is none. */
export function idOf(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : null;
}

/** @returns a node without a place; null where it is none that rrweb would build */
export function readNode(serialized: Json): DomNode | null {
  const id = idOf(serialized.id);
  if (id === null) return null;
  switch (serialized.type) {
    case NodeType.Document:
    case NodeType.DocumentType:
      return marked(new DomNode(id, serialized.type, "", NO_ATTRIBUTES, ""), serialized);
    case NodeType.Element: {
      if (typeof serialized.tagName !== "string") return null;
      const attributes = isRecord(serialized.attributes) ? (serialized.attributes as Attributes) : NO_ATTRIBUTES;
      return marked(new DomNode(id, NodeType.Element, serialized.tagName.toLowerCase(), attributes, ""), serialized);
    }
    case NodeType.Text:
    case NodeType.CDATA:
    case NodeType.Comment: {
      const text = typeof serialized.textContent === "string" ? serialized.textContent : "";
      return marked(new DomNode(id, serialized.type, "", NO_ATTRIBUTES, text), serialized);
    }
    default:
      return null;
  }
}

/** Whether rrweb takes a node that comes again for the one that is there, and only moves it (its `isNodeMetaEqual`). */
export function isSame(node: DomNode, serialized: Json): boolean {
  if (node.type !== serialized.type) return false;
  switch (node.type) {
    case NodeType.Document:
      return node.marks?.compatMode === serialized.compatMode;
    case NodeType.Element:
      return (
        typeof serialized.tagName === "string" &&
        node.tag === serialized.tagName.toLowerCase() &&
        !node.ownsAttributes &&
        node.style === null &&
        (node.marks?.isSVG ?? false) === (serialized.isSVG ?? false) &&
        JSON.stringify(node.attributes) === JSON.stringify(serialized.attributes ?? {})
      );
    case NodeType.DocumentType:
      return node.marks?.doctype?.name === serialized.name;
    default:
      return node.text === serialized.textContent;
  }
}

function marked(node: DomNode, serialized: Json): DomNode {
  if (!isMarked(serialized)) return node;
  const rootId = idOf(serialized.rootId);
  const marks: NodeMarks = {
    ...(rootId !== null && { rootId }),
    ...(serialized.isSVG === true && { isSVG: true }),
    ...(serialized.isCustom === true && { isCustom: true }),
    ...(serialized.isStyle === true && { isStyle: true }),
    ...(typeof serialized.needBlock === "boolean" && { needBlock: serialized.needBlock }),
    ...(typeof serialized.compatMode === "string" && { compatMode: serialized.compatMode }),
  };
  if (node.type === NodeType.DocumentType) {
    const [name, publicId, systemId] = [serialized.name, serialized.publicId, serialized.systemId].map((value) =>
      typeof value === "string" ? value : "",
    ) as [string, string, string];
    marks.doctype = { name, publicId, systemId };
  }
  node.marks = marks;
  return node;
}

/** Whether anything is to be noted: of most nodes nothing is. */
function isMarked({ rootId, isSVG, isCustom, isStyle, needBlock, compatMode, type }: Json): boolean {
  return (
    type === NodeType.DocumentType ||
    rootId !== undefined ||
    isSVG !== undefined ||
    isCustom !== undefined ||
    isStyle !== undefined ||
    needBlock !== undefined ||
    compatMode !== undefined
  );
}
