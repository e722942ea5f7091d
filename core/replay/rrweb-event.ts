/** rrweb's events as they come from the API. Whoever has a write key can send any, so nothing in them is relied upon. */
export interface RrwebEvent {
  type: number;
  /** ms, on the recorded browser's clock */
  timestamp: number;
  data: unknown;
}

export interface RecordedNode {
  type: number;
  id: number;
  tagName?: string;
  attributes?: Record<string, unknown>;
  childNodes?: RecordedNode[];
}

export type RecordedElement = RecordedNode & Required<Pick<RecordedNode, "attributes">>;

/** What a mutation adds, and what it changes of which node. */
export interface Mutation {
  added: RecordedNode[];
  changed: { id: number; attributes: Record<string, unknown> }[];
}

/** rrweb's `EventType`. */
export const EVENT_TYPE = { fullSnapshot: 2, incremental: 3, meta: 4, custom: 5 } as const;

const MUTATION_SOURCE = 0;
const ELEMENT_NODE = 2;

/** The document of a full snapshot; null for every other event. */
export function snapshotOf({ type, data }: RrwebEvent): RecordedNode | null {
  return type === EVENT_TYPE.fullSnapshot && isRecord(data) && isRecord(data.node) ? asNode(data.node) : null;
}

/** Null where the event is no mutation of the DOM. */
export function mutationOf({ type, data }: RrwebEvent): Mutation | null {
  if (type !== EVENT_TYPE.incremental || !isRecord(data) || data.source !== MUTATION_SOURCE) return null;
  return {
    added: records(data.adds).flatMap(({ node }) => (isRecord(node) ? [asNode(node)] : [])),
    changed: records(data.attributes).flatMap(({ id, attributes }) =>
      isRecord(attributes) ? [{ id: typeof id === "number" ? id : Number.NaN, attributes }] : [],
    ),
  };
}

/** The elements of a tree, its root included. Not by recursion: a page may be nested deeper than the stack is. */
export function* elementsIn(root: RecordedNode): Generator<RecordedElement> {
  const left = [root];
  for (let node = left.pop(); node; node = left.pop()) {
    if (isElement(node)) yield node;
    for (const child of records(node.childNodes)) left.push(asNode(child));
  }
}

function isElement(node: RecordedNode): node is RecordedElement {
  return node.type === ELEMENT_NODE && isRecord(node.attributes);
}

export function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function asNode(value: Record<string, unknown>): RecordedNode {
  return value as unknown as RecordedNode;
}
