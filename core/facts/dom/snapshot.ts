/**
 * The folded page as rrweb events, from which any rrweb player can begin: what a keyframe is.
 *
 * A full snapshot holds no frames' documents and no changed style rules; as in a recording, these follow it as
 * incremental events. All of it is rrweb 2's own format, with the ids of the recording, so that the events that come
 * after the keyframe apply to it as they are. What was drawn on canvases is missing.
 */
import { EventType, IncrementalSource } from "#protocol/event.ts";
import type { DomFold } from "./fold.ts";
import { type Attributes, type DomNode, NodeType, within } from "./node.ts";
import type { Json } from "./read-node.ts";
import { isField } from "./visible.ts";

export interface RrwebEvent {
  type: number;
  timestamp: number;
  data: Json;
}

/**
 * The data of rrweb's event of type 2; null where there is no page yet. What was typed, chosen, scrolled and played is in
 * it as a recorder would have put it; documents in frames are not.
 */
export function toFullSnapshot(fold: DomFold): { node: Json; initialOffset: { top: number; left: number } } | null {
  const { document } = fold;
  if (!document) return null;
  const { x = 0, y = 0 } = document.state?.scroll ?? {};
  return { node: serialized(document, fold.timestamp), initialOffset: { top: y, left: x } };
}

/** Meta, full snapshot, and what a snapshot cannot hold, all at the time of the fold's last event; empty where there is no page yet. */
export function toEvents(fold: DomFold): RrwebEvent[] {
  const { document, timestamp, page } = fold;
  const snapshot = toFullSnapshot(fold);
  if (!document || !snapshot) return [];
  const events: RrwebEvent[] = [
    { type: EventType.Meta, timestamp, data: { ...(page ?? { href: "about:blank", width: 1_280, height: 800 }) } },
    { type: EventType.FullSnapshot, timestamp, data: snapshot },
  ];
  const follow = (data: Json) => events.push({ type: EventType.IncrementalSnapshot, timestamp, data });
  for (const font of fold.fonts.values()) follow(font);
  const told = new Set<number>();
  for (const node of within(document)) {
    if (node.frame) follow(attachment(node, node.frame, timestamp));
    for (const data of rest(node, fold, told)) follow(data);
  }
  return events;
}

/** As rrweb tells of a frame that has loaded. */
function attachment(frame: DomNode, document: DomNode, timestamp: number): Json {
  return {
    source: IncrementalSource.Mutation,
    adds: [{ parentId: frame.id, nextId: null, node: serialized(document, timestamp) }],
    removes: [],
    texts: [],
    attributes: [],
    isAttachIframe: true,
  };
}

/** What of a node's state no snapshot has a place for. */
function* rest(node: DomNode, fold: DomFold, told: Set<number>): Generator<Json, void> {
  const { id, state } = node;
  if (!state) return;
  for (const data of state.rules?.toEvents() ?? []) yield { ...ruleSource(data), ...data, id };
  if (state.adopted) {
    const known = state.adopted.filter((styleId) => fold.sheets.has(styleId));
    const styles = known.filter((styleId) => !told.has(styleId)).map((styleId) => ({ styleId, rules: [] }));
    yield { source: IncrementalSource.AdoptedStyleSheet, id, styleIds: known, ...(styles.length > 0 && { styles }) };
    for (const { styleId } of styles) {
      told.add(styleId);
      for (const data of fold.sheets.get(styleId)?.toEvents() ?? []) yield { ...ruleSource(data), ...data, styleId };
    }
  }
  if (state.scroll && node.type === NodeType.Document && node.parent)
    yield { source: IncrementalSource.Scroll, id, ...state.scroll };
  if (state.input && node.tag === "select") yield { source: IncrementalSource.Input, id, ...state.input };
}

function ruleSource(data: Json): { source: number } {
  return {
    source: "set" in data || "remove" in data ? IncrementalSource.StyleDeclaration : IncrementalSource.StyleSheetRule,
  };
}

/** A node and all in it but documents of frames, as rrweb serializes them. */
function serialized(root: DomNode, now: number): Json {
  const made = new Map<DomNode, { childNodes: Json[] }>();
  let top: Json = {};
  for (const node of within(root, ({ tag }) => tag === "textarea" || tag === "iframe" || tag === "frame")) {
    if (node.type === NodeType.ShadowRoot) {
      const host = node.parent && made.get(node.parent);
      if (host) made.set(node, host);
      continue;
    }
    const home = node === root || !node.parent ? undefined : made.get(node.parent);
    const json = ownJson(node, now);
    if ("childNodes" in json) made.set(node, json as { childNodes: Json[] });
    if (node.parent?.type === NodeType.ShadowRoot) json.isShadow = true;
    if (home) home.childNodes.push(json);
    else top = json;
  }
  return top;
}

function ownJson(node: DomNode, now: number): Json {
  const { id, type, marks } = node;
  const rootId = marks?.rootId === undefined ? {} : { rootId: marks.rootId };
  switch (type) {
    case NodeType.Document:
      return { type, childNodes: [], id, ...(marks?.compatMode && { compatMode: marks.compatMode }), ...rootId };
    case NodeType.DocumentType:
      return { type, ...marks?.doctype, id, ...rootId };
    case NodeType.Element:
      return {
        type,
        tagName: node.tag,
        attributes: attributesNow(node, now),
        childNodes: [],
        id,
        ...(marks?.isSVG && { isSVG: true }),
        ...(marks?.isCustom && { isCustom: true }),
        ...(marks?.needBlock !== undefined && { needBlock: marks.needBlock }),
        ...(node.shadow && { isShadowHost: true }),
        ...rootId,
      };
    default:
      return { type, textContent: node.text, id, ...(marks?.isStyle && { isStyle: true }), ...rootId };
  }
}

/** With what people did, in the attributes that rrweb has for it. */
function attributesNow(node: DomNode, now: number): Attributes {
  const { state } = node;
  const attributes: Attributes = { ...node.attributes };
  if (node.style) attributes.style = node.style.toString();
  if (node.tag === "textarea") attributes.value = state?.input?.text ?? node.attribute("value") ?? contentOf(node);
  if (state?.input && isField(node) && node.tag !== "select") {
    attributes.value = state.input.text;
    if (state.input.isChecked) attributes.checked = true;
    else delete attributes.checked;
  }
  if (state?.scroll) {
    attributes.rr_scrollLeft = state.scroll.x;
    attributes.rr_scrollTop = state.scroll.y;
  }
  if (state?.media) {
    const { paused, at, currentTime, volume, muted, loop, playbackRate } = state.media;
    attributes.rr_mediaState = paused ? "paused" : "played";
    if (currentTime !== undefined) {
      attributes.rr_mediaCurrentTime = paused ? currentTime : currentTime + ((now - at) / 1_000) * (playbackRate ?? 1);
    }
    if (volume !== undefined) attributes.rr_mediaVolume = volume;
    if (muted !== undefined) attributes.rr_mediaMuted = muted;
    if (loop !== undefined) attributes.rr_mediaLoop = loop;
    if (playbackRate !== undefined) attributes.rr_mediaPlaybackRate = playbackRate;
  }
  return attributes;
}

function contentOf(node: DomNode): string {
  let text = "";
  for (let child = node.first; child; child = child.next) text += child.text;
  return text;
}
