/**
 * What counts as visible. No style sheet is read, so "visible" is what can be told from the tree alone.
 *
 * Hidden, with all in them:
 * - `head`, `script`, `style`, `noscript`, `template`, and what stands in a frame's element beside its document;
 * - elements with the attribute `hidden`, or with `display: none` in their inline style;
 * - a `dialog` that is not open, and all but the summary of `details` that are not.
 *
 * Fields show their value and not their content: what was typed last, else the value in the snapshot; of a select the
 * label of the chosen option; a placeholder where there is no value. Check boxes, radio buttons, files, hidden and
 * password inputs show nothing. All of it is as recorded: what was masked is masked here.
 */
import { type DomNode, NodeType } from "./node.ts";

const NEVER_SHOWN = new Set(["head", "script", "style", "noscript", "template"]);

const HIDING_STYLE = /(?:^|[;\s])display\s*:\s*none\b/i;
/** Of a style that is a text: it is looked at again and again, and a hostile one may be as long as a recording. */
export const STYLE_READ_MAX = 2_000;

/** Whether the element hides itself and all in it, whatever is around it. */
export function hidesItself(node: DomNode): boolean {
  if (node.type !== NodeType.Element) return false;
  const { tag, attributes, style } = node;
  if (NEVER_SHOWN.has(tag)) return true;
  if (attributes.hidden !== undefined && attributes.hidden !== null && attributes.hidden !== false) return true;
  if (style) return /^none\b/i.test(style.get("display") ?? "");
  if (typeof attributes.style === "string" && HIDING_STYLE.test(attributes.style.slice(0, STYLE_READ_MAX))) return true;
  return tag === "dialog" && node.attribute("open") === null;
}

/** Whether a parent, itself shown, hides this child. */
export function isHiddenIn(parent: DomNode, node: DomNode): boolean {
  if (parent.tag === "iframe" || parent.tag === "frame") return node !== parent.frame;
  return (
    parent.tag === "details" && node.tag !== "summary" && node !== parent.shadow && parent.attribute("open") === null
  );
}

/** Whether nothing around the node hides it. Takes as many steps as the node is deep. */
export function isShown(node: DomNode): boolean {
  for (let at = node; ; ) {
    if (hidesItself(at)) return false;
    const { parent } = at;
    if (!parent) return at.type === NodeType.Document;
    if (isHiddenIn(parent, at)) return false;
    at = parent;
  }
}

/** Whether an element shows a value instead of what is in it. */
export function isField({ tag }: DomNode): boolean {
  return tag === "input" || tag === "textarea" || tag === "select";
}

const VALUELESS = new Set(["checkbox", "radio", "file", "hidden", "password", "image", "range", "color"]);

/** What a field shows. */
export function shownValue(field: DomNode): string {
  if (field.tag === "select") return chosenLabel(field);
  if (field.tag === "input" && VALUELESS.has((field.attribute("type") ?? "text").toLowerCase())) return "";
  const value =
    field.state?.input?.text ?? field.attribute("value") ?? (field.tag === "textarea" ? contentOf(field) : "");
  return value || (field.attribute("placeholder") ?? "");
}

function chosenLabel(select: DomNode): string {
  const chosen = select.state?.input?.text ?? select.attribute("value");
  let first: DomNode | null = null;
  let marked: DomNode | null = null;
  for (
    let at: DomNode | null = select.first;
    at;
    at = (at.tag === "optgroup" && at.first) || at.next || outOfGroup(at, select)
  ) {
    if (at.tag !== "option") continue;
    first ??= at;
    if (chosen !== null && (at.attribute("value") ?? contentOf(at).trim()) === chosen) return contentOf(at);
    if (at.attribute("selected") !== null) marked ??= at;
  }
  const option = marked ?? first;
  return option ? contentOf(option) : "";
}

function outOfGroup(at: DomNode, select: DomNode): DomNode | null {
  return at.parent && at.parent !== select ? at.parent.next : null;
}

/** The texts directly in an element. */
function contentOf(node: DomNode): string {
  let text = "";
  for (let child = node.first; child; child = child.next) if (child.type === NodeType.Text) text += child.text;
  return text;
}
