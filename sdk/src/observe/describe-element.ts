/** An element in words: what it says, and where it is. Nothing that is masked, and nothing that was typed. */
import { matches } from "../elements.ts";
import type { Watched } from "./host.ts";

const TEXT_MAX = 100;
const STEPS_MAX = 6;

/** Their texts are values, or are not shown. */
const NO_TEXT = "input,textarea,select,script,style,noscript,template";

/** The text that is shown in an element, in one line. */
export function textOf({ isMasked, view }: Watched, element: Element, isDeep: boolean): string {
  let text = "";
  const walk = (parent: Element): void => {
    if (matches(parent, NO_TEXT) || isMasked(parent)) return;
    for (const node of parent.childNodes) {
      if (text.length > TEXT_MAX) return;
      if (node instanceof view.Text) text += node.data.slice(0, TEXT_MAX * 10).replace(/\s+/g, " ");
      else if (isDeep && node instanceof view.Element) walk(node);
    }
  };
  walk(element);
  return text.trim().slice(0, TEXT_MAX);
}

/** A CSS selector; ` >>> ` leads into a shadow root, or a frame. */
export function selectorOf(host: Watched, element: Element): string {
  const steps: string[] = [];
  for (let at: Element | null = element; at && steps.length < STEPS_MAX; at = at.parentElement) {
    const name = nameOf(host, at);
    steps.unshift(name ?? stepOf(at));
    if (name) break;
  }
  const { ownerDocument } = element;
  const root = element.getRootNode() as ShadowRoot;
  const around = root.host ?? (ownerDocument === document ? null : ownerDocument.defaultView?.frameElement);
  return `${around ? `${selectorOf(host, around)} >>> ` : ""}${steps.join(" > ")}`;
}

/** By what its author calls it, where that is shown. An id with a number in it was likely made up for this one page. */
function nameOf(host: Watched, element: Element): string | null {
  const testId = element.getAttribute("data-testid");
  if (testId && !host.isMasked(element)) return `[data-testid="${CSS.escape(testId)}"]`;
  const isMadeUp = !element.id || /\d{2}|[^\w-]/.test(element.id);
  return isMadeUp ? null : `#${CSS.escape(element.id)}`;
}

function stepOf(element: Element): string {
  const { localName } = element;
  // Not by `children`, as a field of a form may be called.
  const alike = [...(element.parentNode?.childNodes ?? [])].filter(
    (other) => (other as Element).localName === localName,
  );
  return alike.length > 1 ? `${localName}:nth-of-type(${alike.indexOf(element) + 1})` : localName;
}
