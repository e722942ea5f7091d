/**
 * What leaves of each event. rrweb masks fields and text by itself, but lets attributes through, and its selectors end
 * at the borders of shadow trees and frames: so each node is looked up, and all that is masked is masked here.
 */
import { record } from "@rrweb/record";
import { matches } from "../elements.ts";
import { toJson } from "../json.ts";
import { isWords } from "./attributes.ts";
import { MASK, mask } from "./mask.ts";
import type { Rules } from "./rules.ts";
import { scrubUrl } from "./scrub-url.ts";

const SHOWN = 0;
const MASKED = 1;
const BLOCKED = 2;
type Reading = typeof SHOWN | typeof MASKED | typeof BLOCKED;

type Attributes = Record<string, unknown>;

interface SerializedNode {
  id: number;
  tagName?: string;
  attributes?: Attributes;
  textContent?: string;
  childNodes?: SerializedNode[];
  /** In a shadow tree, whose host is its parent. */
  isShadow?: boolean;
}

interface ChangedText {
  id: number;
  value: string | null;
}

interface Mutation {
  adds: { parentId: number; node: SerializedNode }[];
  texts: ChangedText[];
  attributes: { id: number; attributes: Attributes }[];
}

/** Of the page, a navigation, a request. */
interface Addresses {
  href?: string;
  referrer?: string;
  url?: string;
  title?: string;
}

/** The members of rrweb's events, and of the recorder's own, that can carry what people typed or read. */
interface Content extends Partial<Mutation>, Addresses {
  /** A full snapshot. */
  node?: SerializedNode;
  /** An input. */
  id: number;
  text?: string;
  isChecked?: boolean;
  /** A selection. */
  ranges?: { start: number; end: number }[] | undefined;
  /** A custom event. */
  payload?: Addresses;
}

/** A node, and what stands above it where it is the root of a tree. */
interface Place extends Node {
  host?: Element;
  defaultView?: Window | null;
  designMode?: string;
}

export interface Masking {
  rules: Rules;
  /** Masks an event of rrweb's kind in place. What throws here must not leave. */
  clean(event: { data?: unknown }): void;
  /** What may be told of a field's value. */
  fieldValue(value: string, field: HTMLElement): string;
  /** Whether the text of an element is masked, or left out. */
  isMasked(element: Element): boolean;
  /** An address as it may leave. */
  url(href: string): string;
}

/** Read, and so shown to nobody, by the browser alone. */
const UNSEEN = /^(on|srcdoc$)/;
/** Told as they are, whatever the element. */
const NAME = /^(class|id)$/;
const CHOICE = /^(checked|selected)$/;
const ADDRESS = /(href|src|action|poster|cite)$/;
const STYLE = /^(style|srcset|_cssText)$/;

/** The browser's own: those that imitate shadow trees put one in its place that leaves out what stands in them. */
const OWN_QUERY = /^function querySelectorAll\(\) \{\s*\[native code]/;

/** What was one stays one: a toggle may show it, also while nothing is recorded. */
const wasPassword = new WeakSet<Node>();

export function createMasking(rules: Rules): Masking {
  const { strict, block, passwords, fields } = rules;
  const any = ["input", block, rules.mask, rules.unmask, fields].join();
  /** Ids of masked texts whose change was told. */
  const toldMasked = new Set<number>();
  /** Of the event in hand: classes and places change. */
  let readings: Map<Node, Reading>;
  /** Of a document in hand, the elements that a rule names: found in one go, in place of asking each. Not in shadow trees. */
  let named: Set<Node> | null;

  const nodeOf = (id: number) => record.mirror.getNode(id);

  /** The nearest that is named in a rule decides, over the borders of shadow trees and frames. */
  function readingOf(node: Node | null | undefined): Reading {
    // Gone, or unknown.
    if (!node) return MASKED;
    let reading = readings.get(node);
    if (reading === undefined) {
      const { parentNode, host, defaultView, designMode } = node as Place;
      const above =
        node === document ? (strict ? MASKED : SHOWN) : readingOf(parentNode ?? host ?? defaultView?.frameElement);
      reading =
        node.nodeType === 1 ? ownReading(node as Element, above) : designMode === "on" ? above || MASKED : above;
      readings.set(node, reading);
    }
    return reading;
  }

  function isNamed(element: Element): boolean {
    return named ? named.has(element) : matches(element, any);
  }

  function ownReading(element: Element, above: Reading): Reading {
    if (above === BLOCKED || !isNamed(element)) return above;
    if (matches(element, block)) return BLOCKED;
    if (matches(element, passwords)) wasPassword.add(element);
    if (wasPassword.has(element) || matches(element, rules.mask)) return MASKED;
    if (matches(element, rules.unmask)) return SHOWN;
    return matches(element, fields) ? MASKED : above;
  }

  function beginAnew(): void {
    readings = new Map();
    named = null;
  }

  function url(href: string, isCut = strict): string {
    let scrubbed = scrubUrl(href);
    if (isCut) scrubbed = scrubbed.replace(/\?[^#]*|#[^#/]*=.*/g, "");
    if (!rules.scrubUrl) return scrubbed;
    try {
      return String(rules.scrubUrl(scrubbed));
    } catch (error) {
      console.debug("rrhog:", error);
      return scrubbed.match(/^[\w+.-]+:\/\/[^/?#]*/)?.[0] ?? "";
    }
  }

  /** `above` and `tag` are its parent's. */
  function cleanNode(node: SerializedNode, above: Reading, tag: string | undefined): void {
    let reading = above;
    const outer = named;
    if (node.isShadow) named = null;
    if (node.attributes) {
      const element = nodeOf(node.id) as Element | null;
      reading = element ? ownReading(element, above) : MASKED;
      cleanAttributes(element, reading, node.attributes);
    } else if (node.textContent) {
      node.textContent = textOf(node.textContent, above, tag);
    } else if (node.childNodes) {
      const page = nodeOf(node.id) as Document | null;
      reading = readingOf(page);
      named = page && OWN_QUERY.test(`${page.querySelectorAll}`) ? new Set(page.querySelectorAll(any)) : null;
    }
    for (const child of node.childNodes ?? []) cleanNode(child, reading, node.tagName);
    named = outer;
  }

  function textOf(text: string, above: Reading, tag: string | undefined): string {
    return tag === "style" ? withoutSecrets(text) : above ? mask(text) : text;
  }

  function cleanAttributes(element: Element | null, reading: Reading, attributes: Attributes): void {
    for (const name in attributes) {
      const value = attributes[name];
      if (NAME.test(name)) continue;
      if (UNSEEN.test(name) || (reading && CHOICE.test(name))) delete attributes[name];
      else if (STYLE.test(name)) attributes[name] = withoutSecrets(value);
      else if (typeof value === "string" && !NAME.test(name))
        attributes[name] = attributeOf(element, reading, name, value);
    }
  }

  function attributeOf(element: Element | null, reading: Reading, name: string, value: string): string {
    if (isWords(element, name) && (reading || holdsField(element))) return mask(value);
    if (!ADDRESS.test(name)) return scrubUrl(value);
    // Of a link, by whoever writes in an editor.
    const isTyped = name.endsWith("href") && (element as HTMLElement | null)?.isContentEditable;
    return reading && (isTyped || /^(?!http|blob|data)\w+:/.test(value))
      ? mask(value)
      : url(value, strict && element?.localName !== "link");
  }

  /** A library that lets a field grow with its text keeps a copy of it where the field stands, and a component on itself. */
  function holdsField(element: Element | null): boolean {
    let child = element?.firstElementChild;
    while (child && !(isNamed(child) && matches(child, fields))) child = child.nextElementSibling;
    return Boolean(child ?? element?.shadowRoot?.querySelector(fields));
  }

  function cleanMutation(data: Mutation): void {
    // rrweb lets through what changes in a shadow tree or a frame in what is blocked.
    const isIn = (id: number) => readingOf(nodeOf(id)) < BLOCKED;
    data.adds = data.adds.filter(({ parentId }) => isIn(parentId));
    data.attributes = data.attributes.filter(({ id }) => isIn(id));
    data.texts = data.texts.filter(({ id }) => isIn(id));
    for (const { parentId, node } of data.adds) {
      const parent = nodeOf(parentId);
      cleanNode(node, readingOf(parent), tagOf(parent));
    }
    for (const { id, attributes } of data.attributes) {
      const element = nodeOf(id);
      cleanAttributes(element as Element | null, readingOf(element), attributes);
    }
    for (const text of data.texts) {
      // As it is by now, like all that tells how it is to be read: rrweb may have noted it some time ago.
      const node = nodeOf(text.id);
      text.value = textOf(node?.nodeValue ?? "", readingOf(node), tagOf(node?.parentNode));
    }
    data.texts = data.texts.filter(isNews);
  }

  /** Of a masked text only that it is there: each further change would be a key that was hit. */
  function isNews({ id, value }: ChangedText): boolean {
    if (value !== MASK) toldMasked.delete(id);
    else if (toldMasked.has(id)) return false;
    else toldMasked.add(id);
    return true;
  }

  function cleanAddresses(data: Addresses): void {
    for (const name of ["href", "referrer", "url"] as const) if (data[name]) data[name] = url(data[name]);
    if (data.title && readingOf(document.querySelector("title"))) data.title = MASK;
  }

  return {
    rules,
    clean(event) {
      const data = event.data as Content;
      beginAnew();
      cleanAddresses(data);
      if (data.payload) cleanAddresses(data.payload);
      if (data.node) cleanNode(data.node, SHOWN, undefined);
      if (data.texts) cleanMutation(data as Mutation);
      if (data.text !== undefined && readingOf(nodeOf(data.id))) {
        data.text = mask(data.text);
        data.isChecked = false;
      }
      data.ranges = data.ranges?.filter(({ start, end }) => !readingOf(nodeOf(start)) && !readingOf(nodeOf(end)));
    },
    fieldValue(value, field) {
      beginAnew();
      return readingOf(field) ? mask(value) : value;
    },
    isMasked(element) {
      beginAnew();
      return readingOf(element) !== SHOWN;
    },
    url,
  };
}

function tagOf(node: Node | null | undefined): string | undefined {
  return node?.nodeName.toLowerCase();
}

/** Of addresses in style sheets and the like: from the `?` on. */
function withoutSecrets<Style>(style: Style): Style {
  if (typeof style === "string" && !style.includes("?")) return style;
  const json = toJson(style);
  return json.includes("?") ? JSON.parse(json.replace(/\?[^\s"'()\\]+/g, scrubUrl)) : style;
}
