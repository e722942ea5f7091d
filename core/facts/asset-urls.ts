/**
 * The stylesheets, images and fonts that a recorded page is made of: which addresses an event names, and the event with
 * other addresses in their place. One walk does both, so that what is looked for is what is found again.
 *
 * rrweb has made most addresses absolute by the page's own (`PageAddress` has the rest), and put the text of sheets that
 * scripts may read into the event (`_cssText`).
 */
import { EventType, IncrementalSource } from "#protocol/event.ts";
import { changeCssUrls } from "./css-urls.ts";
import { NodeType } from "./dom/node.ts";
import type { FactEvent } from "./page-view.ts";

/** Longer ones are left alone: signed addresses stay below, text that somebody put into an attribute may not. */
const ADDRESS_LENGTH_MAX = 2_048;
/** Of one event. A hostile page may name any number. */
const ADDRESSES_MAX = 2_000;
/** How far `@import` is followed within a sheet. */
const IMPORT_DEPTH_MAX = 3;
/** What all sheets that are put into one event may come to, characters. */
const SHEETS_LENGTH_MAX = 8 * 1024 * 1024;
/** What each of them counts at least: empty sheets that import each other are many. */
const SHEET_LENGTH_LEAST = 1_024;

/** What is kept, by absolute address without its fragment. */
export interface StoredAssets {
  /** Where it is served; null where it is not kept. */
  address(url: string): string | null;
  /** Of a stylesheet: its text, and the address that those in it are relative to. */
  sheet(url: string): { text: string; base: string } | null;
}

/** Names that all events with addresses have; what lacks them is not worth parsing. Of Latin-1 text too. */
const MAY_HOLD =
  /url\(|@import|"(?:src|srcset|href|xlink:href|poster|background|_cssText|fontSource)"|"type"\s*:\s*[24]\b/;

/** @param json of an event */
export function mayHoldAssets(json: string): boolean {
  return MAY_HOLD.test(json);
}

/** The address that a page's relative ones go by: its own, or its `<base>`'s. Told of each event of a window in order. */
export class PageAddress {
  #page: string;
  #base: string | null = null;

  /** @param href of the page where the events begin; '' where it is not known */
  constructor(href: string) {
    this.#page = href;
  }

  get href(): string {
    return this.#base ?? this.#page;
  }

  see({ type, data }: FactEvent): void {
    if (!isRecord(data)) return;
    if (type === EventType.Meta && typeof data.href === "string") this.#page = data.href;
    if (type === EventType.FullSnapshot) this.#base = baseIn(data.node, this.#page);
  }
}

function baseIn(root: unknown, page: string): string | null {
  for (const { tagName, attributes } of elementsIn(root)) {
    if (tagName === "base" && typeof attributes.href === "string")
      return URL.parse(attributes.href, page)?.href ?? null;
  }
  return null;
}

/** The addresses that an event names, absolute, without fragments, each once. */
export function assetUrls(event: FactEvent, page: PageAddress): string[] {
  const { urls, note } = noting();
  walk(event, page, note);
  return [...urls];
}

/** Those that a stylesheet names. */
export function cssAssetUrls(css: string, base: string): string[] {
  const { urls, note } = noting();
  new Walk(note, base).css(css, base);
  return [...urls];
}

/**
 * Changes `event` in place: kept assets get the addresses where they are served, and kept stylesheets, which would load
 * late, stand in it as text. What is not kept stays as it is; among the candidates of a `srcset` it is left out.
 *
 * @returns whether anything was changed
 */
export function storeInEvent(event: FactEvent, page: PageAddress, stored: StoredAssets): boolean {
  return walk(event, page, { ...stored, leaveOut: true });
}

/** What is done with the addresses that are met. */
interface Visitor extends StoredAssets {
  /** Candidates of a `srcset` that are not kept are taken out. */
  leaveOut: boolean;
  /** Nothing that comes now is wanted. */
  isFull?(): boolean;
}

function noting(): { urls: Set<string>; note: Visitor } {
  const urls = new Set<string>();
  const add = (url: string) => {
    urls.add(url);
    return null;
  };
  return { urls, note: { address: add, sheet: add, leaveOut: false, isFull: () => urls.size >= ADDRESSES_MAX } };
}

function walk(event: FactEvent, page: PageAddress, visitor: Visitor): boolean {
  page.see(event);
  const { type, data } = event;
  if (!isRecord(data)) return false;
  const step = new Walk(visitor, page.href);
  if (type === EventType.FullSnapshot) step.tree(data.node);
  if (type === EventType.IncrementalSnapshot) step.increment(data);
  return step.isChanged;
}

interface RecordedElement {
  tagName: string;
  attributes: Record<string, unknown>;
  childNodes?: unknown;
}

class Walk {
  readonly #visitor: Visitor;
  readonly #base: string;
  #left = SHEETS_LENGTH_MAX;
  isChanged = false;

  constructor(visitor: Visitor, base: string) {
    this.#visitor = visitor;
    this.#base = base;
  }

  tree(root: unknown): void {
    for (const element of elementsIn(root)) this.#element(element);
  }

  increment(data: Record<string, unknown>): void {
    if (data.source === IncrementalSource.Mutation) {
      for (const { node } of records(data.adds)) this.tree(node);
      for (const { attributes } of records(data.attributes))
        if (isRecord(attributes)) this.#changedAttributes(attributes);
    }
    if (data.source === IncrementalSource.StyleSheetRule) {
      for (const add of records(data.adds)) this.#cssMember(add, "rule");
      this.#cssMember(data, "replace");
      this.#cssMember(data, "replaceSync");
    }
    if (data.source === IncrementalSource.AdoptedStyleSheet) {
      for (const { rules } of records(data.styles)) for (const rule of records(rules)) this.#cssMember(rule, "rule");
    }
    if (data.source === IncrementalSource.StyleDeclaration && isRecord(data.set)) this.#cssMember(data.set, "value");
    if (data.source === IncrementalSource.Font && data.buffer !== true) this.#cssMember(data, "fontSource");
  }

  css(text: string, base: string, depth = 0): string {
    return changeCssUrls(text, {
      url: (address) => this.#kept(address, base),
      imported: (address) => (depth < IMPORT_DEPTH_MAX ? this.#sheet(address, base, depth + 1) : null),
    });
  }

  #element({ tagName, attributes, childNodes }: RecordedElement): void {
    const tag = tagName.toLowerCase();
    this.#cssMember(attributes, "style");
    this.#cssMember(attributes, "_cssText");
    if (tag === "style") {
      for (const child of records(childNodes)) if (child.type === NodeType.Text) this.#cssMember(child, "textContent");
    }
    if (tag === "link" && isSheetLink(attributes)) this.#link(attributes);
    if (tag === "img" || (tag === "input" && attributes.type === "image")) this.#address(attributes, "src");
    if (tag === "source" || tag === "img") this.#srcset(attributes);
    if (tag === "video") this.#address(attributes, "poster");
    if (tag === "image" || tag === "use" || tag === "feimage") {
      this.#address(attributes, "href");
      this.#address(attributes, "xlink:href");
    }
    if (tag === "body" || tag === "table" || tag === "td" || tag === "th") this.#address(attributes, "background");
  }

  /** Of which element is not said: what is kept can only be what it looks like, and the rest stays. */
  #changedAttributes(attributes: Record<string, unknown>): void {
    for (const name of ["src", "poster", "background", "href", "xlink:href"]) {
      if (name !== "href" || !this.#link(attributes)) this.#address(attributes, name);
    }
    this.#srcset(attributes);
    this.#cssMember(attributes, "_cssText");
    const style = attributes.style;
    if (typeof style === "string") this.#cssMember(attributes, "style");
    else if (isRecord(style)) this.#styleChanges(style);
  }

  /** rrweb's `styleOMValue`: property → value, or [value, priority], or false where it was taken away. */
  #styleChanges(style: Record<string, unknown>): void {
    for (const [property, value] of Object.entries(style)) {
      if (typeof value === "string") this.#cssMember(style, property);
      else if (Array.isArray(value)) this.#cssMember(value as unknown as Record<string, unknown>, "0");
    }
  }

  /** @returns whether the sheet is kept: then its text stands beside its address */
  #link(attributes: Record<string, unknown>): boolean {
    const { href, _cssText } = attributes;
    if (typeof href !== "string" || typeof _cssText === "string") return false;
    const text = this.#sheet(href, this.#base, 0);
    if (text === null) return false;
    attributes._cssText = text;
    this.isChanged = true;
    return true;
  }

  /** Candidates that are not kept are left out, since the browser may choose them. */
  #srcset(attributes: Record<string, unknown>): void {
    const { srcset } = attributes;
    if (typeof srcset !== "string") return;
    const candidates = candidatesOf(srcset).flatMap(({ address, descriptor }) => {
      if (/^(?:data|blob):/i.test(address)) return [`${address}${descriptor}`];
      const kept = this.#kept(address, this.#base);
      return kept === null ? [] : [`${kept}${descriptor}`];
    });
    if (!this.#visitor.leaveOut) return;
    if (candidates.length > 0) attributes.srcset = candidates.join(", ");
    else delete attributes.srcset;
    this.isChanged = true;
  }

  #address(attributes: Record<string, unknown>, name: string): void {
    const value = attributes[name];
    const kept = typeof value === "string" && value !== "" ? this.#kept(value, this.#base) : null;
    if (kept === null) return;
    attributes[name] = kept;
    this.isChanged = true;
  }

  #cssMember(holder: Record<string, unknown>, name: string): void {
    const before = holder[name];
    if (typeof before !== "string") return;
    const after = this.css(before, this.#base);
    if (after === before) return;
    holder[name] = after;
    this.isChanged = true;
  }

  #kept(address: string, base: string): string | null {
    if (this.#visitor.isFull?.()) return null;
    const url = absolute(address, base);
    const kept = url && this.#visitor.address(url.key);
    return kept ? `${kept}${url.fragment}` : null;
  }

  #sheet(address: string, base: string, depth: number): string | null {
    if (this.#visitor.isFull?.()) return null;
    const url = absolute(address, base);
    const sheet = url && this.#visitor.sheet(url.key);
    if (!sheet || sheet.text.length > this.#left) return null;
    this.#left -= Math.max(sheet.text.length, SHEET_LENGTH_LEAST);
    return this.css(sheet.text, sheet.base, depth);
  }
}

/** By what an asset is kept, and the fragment that is none of the server's business; null for what is not fetched. */
function absolute(address: string, base: string): { key: string; fragment: string } | null {
  const text = address.trim();
  // An address of nothing but a fragment is in the page itself.
  if (text === "" || text.startsWith("#") || text.length > ADDRESS_LENGTH_MAX) return null;
  const url = URL.parse(text, base || undefined);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) return null;
  const fragment = url.hash;
  url.hash = "";
  return url.href.length > ADDRESS_LENGTH_MAX ? null : { key: url.href, fragment };
}

function isSheetLink({ rel }: Record<string, unknown>): boolean {
  const tokens = typeof rel === "string" ? rel.toLowerCase().split(/\s+/) : [];
  return tokens.includes("stylesheet") && !tokens.includes("alternate");
}

/** HTML, 4.8.4.2.2: an address ends at a blank, and at the commas before it; a descriptor at the next comma. */
function candidatesOf(srcset: string): { address: string; descriptor: string }[] {
  const candidates: { address: string; descriptor: string }[] = [];
  let open: { address: string; descriptor: string } | null = null;
  for (const [word] of srcset.matchAll(/\S+/g)) {
    let rest = word;
    if (open) {
      const comma = word.indexOf(",");
      open.descriptor += ` ${comma === -1 ? word : word.slice(0, comma)}`;
      if (comma === -1) continue;
      open = null;
      rest = word.slice(comma);
    }
    const address = withoutCommas(rest);
    if (address === "") continue;
    const candidate = { address, descriptor: "" };
    candidates.push(candidate);
    if (!rest.endsWith(",")) open = candidate;
  }
  return candidates;
}

function withoutCommas(word: string): string {
  let [from, to] = [0, word.length];
  while (word[from] === ",") from++;
  while (to > from && word[to - 1] === ",") to--;
  return word.slice(from, to);
}

/** The elements of a tree, its root included. Not by recursion: a page may be nested deeper than the stack is. */
function* elementsIn(root: unknown): Generator<RecordedElement> {
  const left = isRecord(root) ? [root] : [];
  for (let node = left.pop(); node; node = left.pop()) {
    if (node.type === NodeType.Element && typeof node.tagName === "string" && isRecord(node.attributes)) {
      yield node as unknown as RecordedElement;
    }
    // From the last to the first, so that they are met in the page's order.
    const children = records(node.childNodes);
    for (let i = children.length - 1; i >= 0; i--) left.push(children[i] as Record<string, unknown>);
  }
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
