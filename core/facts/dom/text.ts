/** What a page says: as the DOM has it, and as people read it. */
import { after, type DomNode, firstIn, NodeType } from "./node.ts";
import { hidesItself, isField, isHiddenIn, shownValue } from "./visible.ts";

/** What the DOM's `textContent` is of this node: hidden texts too, and nothing of frames and shadow trees in it. */
export function textContent(root: DomNode): string {
  if (isText(root) || root.type === NodeType.Comment) return root.text;
  let text = "";
  for (let node: DomNode | null = root; node; ) {
    if (isText(node)) text += node.text;
    else if (node.tag === "textarea" && typeof node.attributes.value === "string") text += node.attributes.value;
    node = node.first ?? nextAside(node, root);
  }
  return text;
}

/** What follows a node among children of `root` and theirs. */
function nextAside(node: DomNode, root: DomNode): DomNode | null {
  for (let at: DomNode = node; at !== root; at = at.parent as DomNode) if (at.next) return at.next;
  return null;
}

/** A stretch of visible text that no block, line break or field cuts: what people read as one. */
export interface TextRun {
  /** In one line: white space folded, none at its ends; never empty. */
  text: string;
  /** The text node or field that it begins in. */
  node: DomNode;
}

/**
 * All that is visible (visible.ts) in a node, in the tree's order. `root` itself is taken for shown.
 *
 * @param isEnough asked at each node that is looked at; ends it where it says so
 */
export function* visibleRuns(root: DomNode, isEnough = () => false): Generator<TextRun, void> {
  let begun: DomNode | null = null;
  let text = "";
  for (let node: DomNode | null = root; node; ) {
    if (isEnough()) return;
    const parent: DomNode | null = node === root ? null : node.parent;
    const isHidden: boolean = hidesItself(node) || (parent !== null && isHiddenIn(parent, node));
    if (!isHidden && isText(node)) {
      if (node.text !== "") {
        begun ??= node;
        text += node.text;
      }
    } else if (!isHidden && cuts(node)) {
      if (begun) yield* runOf(begun, text);
      begun = null;
      text = "";
      if (isField(node)) yield* runOf(node, shownValue(node));
    }
    const inside: DomNode | null = isHidden || isField(node) ? null : firstIn(node);
    if (inside) {
      node = inside;
      continue;
    }
    const following = after(node, root);
    // The end of a block cuts as its beginning does.
    for (let at: DomNode | null = node; begun && at && at !== root && at !== following?.parent; at = at.parent) {
      if (!cuts(at)) continue;
      yield* runOf(begun, text);
      begun = null;
      text = "";
    }
    node = following;
  }
  if (begun) yield* runOf(begun, text);
}

/** All visible text of a page, a run a line. */
export function visibleText(root: DomNode): string {
  let text = "";
  for (const run of visibleRuns(root)) text += `${text && "\n"}${run.text}`;
  return text;
}

/**
 * The run that a visible text node or inline element is part of.
 *
 * @param charsMax it is cut there on either side of the node
 * @param isEnough as of `visibleRuns`
 */
export function runAround(node: DomNode, charsMax: number, isEnough = () => false): TextRun | null {
  let [begun, text] = [null as DomNode | null, ""];
  const take = (piece: DomNode, isBefore: boolean) => {
    if (isBefore || !begun) begun = piece;
    text = isBefore ? piece.text.slice(-charsMax) + text : text + piece.text.slice(0, charsMax);
  };
  for (const piece of beside(node, "previous", false, isEnough)) {
    if (text.length >= charsMax) break;
    take(piece, true);
  }
  const before = text.length;
  for (const piece of beside(node, "next", true, isEnough)) {
    if (text.length - before >= charsMax) break;
    take(piece, false);
  }
  return begun ? (runOf(begun, text).next().value ?? null) : null;
}

/** Elements that are passed on the way to a run's ends. */
const STEPS_MAX = 2_000;

/** Visible text nodes from a node on, until something cuts. */
function* beside(
  node: DomNode,
  way: "previous" | "next",
  isSelf: boolean,
  isEnough: () => boolean,
): Generator<DomNode, void> {
  const inner = way === "next" ? "first" : "last";
  let at = node;
  let isNew = isSelf;
  for (let steps = 0; steps < STEPS_MAX && !isEnough(); steps++) {
    if (isNew) {
      const isHidden = hidesItself(at);
      if (!isHidden && at.type === NodeType.Element && cuts(at)) return;
      if (!isHidden && isText(at)) yield at;
      const inside = isHidden ? null : at[inner];
      if (inside) {
        at = inside;
        continue;
      }
    }
    const sibling = at[way];
    if (sibling) {
      at = sibling;
      isNew = true;
      continue;
    }
    const { parent } = at;
    if (!parent || parent.type !== NodeType.Element || cuts(parent)) return;
    at = parent;
    isNew = false;
  }
}

/** Whether the text around an element does not go on in it. */
export function cuts(node: DomNode): boolean {
  return node.type === NodeType.Element
    ? !INLINE.has(node.tag) || node.frame !== null
    : !isText(node) && node.type !== NodeType.Comment;
}

/** What browsers show inside of a line, whatever the page makes of it. */
const INLINE = new Set(
  "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q ruby rt rp s samp slot small span strike strong sub sup time tt u var wbr tspan".split(
    " ",
  ),
);

function isText({ type }: DomNode): boolean {
  return type === NodeType.Text || type === NodeType.CDATA;
}

function* runOf(node: DomNode, text: string): Generator<TextRun, void> {
  const line = text.replace(/\s+/g, " ").trim();
  if (line !== "") yield { node, text: line };
}
