/**
 * Clicks and what came of them.
 *
 * `$click`: the batch fact's row again (the same id), with the element that was clicked, for clicks that no recorder has
 * described: what is not ours tells only which node.
 * `$rage_click`: at least 4 clicks on one element within 1 s, none further than 30 px from the first; a row for all that
 * go on so, at the first. The element is the link or button around the node.
 * `$dead_click`: a click on what looks as if it did something, after which for 2.5 s nothing changed in the page, was
 * typed, scrolled or requested, and nobody went anywhere. Told only where those 2.5 s were received without a gap.
 */
import { EventType, IncrementalSource, MouseInteraction } from "#protocol/event.ts";
import { cut, detached } from "../bounds.ts";
import { Described, HREF_MAX, ONE_DISPATCH_MS } from "../click.ts";
import { controlOf, type Description, describe } from "../dom/describe.ts";
import type { DomFold } from "../dom/fold.ts";
import { type DomNode, NodeType } from "../dom/node.ts";
import { STYLE_READ_MAX } from "../dom/visible.ts";
import { NAVIGATION_TAG } from "../page-view.ts";
import { customPayload, NETWORK_PLUGIN } from "../recorded-event.ts";
import { requests } from "../request.ts";
import { dataOf, factOf, type Moment, numberOf, type Place, placeOf, type SpanFact, sourceOf } from "./moment.ts";
import { Unanswered } from "./unanswered.ts";
import { arrivalOf } from "./visits.ts";

const RAGE_CLICKS = 4;
const RAGE_MS = 1_000;
const RAGE_PX = 30;
/** Of each kind, in one window. */
const FACTS_MAX = 5_000;

interface Click {
  moment: Place;
  x: number;
  y: number;
  props: Record<string, unknown>;
}

interface Rage {
  key: number;
  /** Of many the first ones and the last. */
  clicks: Click[];
  count: number;
}

export class Clicks {
  readonly facts: SpanFact[] = [];
  #rage: Rage | null = null;
  readonly #unanswered = new Unanswered<Click>(FACTS_MAX);
  #described = new Map<number, number>();
  #describedIn = "";
  readonly #counts = new Map<string, number>();

  /** @param fold null where the page is not known: after a gap, until the next full snapshot */
  take(moment: Moment, fold: DomFold | null): void {
    this.#noteDescription(moment);
    if (!this.#unanswered.isEmpty) this.#settle(moment);
    const data = dataOf(moment);
    if (sourceOf(moment) === IncrementalSource.MouseInteraction && data.type === MouseInteraction.Click)
      this.#click(moment, data, fold);
  }

  /** Events are missing from here on. */
  gap(): void {
    this.#endRage();
    this.#unanswered.answer();
  }

  end(): SpanFact[] {
    this.#endRage();
    for (const dead of this.#unanswered.end()) this.#tellDead(dead);
    return this.facts;
  }

  #click(moment: Moment, data: Record<string, unknown>, fold: DomFold | null): void {
    const id = numberOf(data.id);
    if (id === undefined) return;
    const node = fold?.node(id) ?? null;
    const control = node && controlOf(node);
    const words =
      fold && control?.type === NodeType.Element && !this.#isFull("$click")
        ? wordsOf(describe(control, fold), control)
        : {};
    const [x, y] = [numberOf(data.x), numberOf(data.y)];
    const props = { id, x, y, ...words };
    const told = this.#described.get(id);
    this.#described.delete(id);
    if (told === undefined || Math.abs(moment.ts - told) > ONE_DISPATCH_MS) this.#tell(moment, "$click", props);
    const click = { moment: placeOf(moment), x: x ?? 0, y: y ?? 0, props };
    this.#rageOn(click, control?.id ?? id);
    if (node && this.#unanswered.hasRoom && promises(node)) this.#unanswered.add(click);
  }

  /** Our recorder's `rrhog.click` comes before rrweb's event of the same click, in the same batch. */
  #noteDescription(moment: Moment): void {
    if (moment.batch_id !== this.#describedIn) {
      this.#described.clear();
      this.#describedIn = moment.batch_id;
    }
    const id = customPayload(moment.event, "rrhog.click", Described)?.id;
    if (id !== undefined && this.#described.size < FACTS_MAX) this.#described.set(id, moment.ts);
  }

  // ---- rage

  #rageOn(click: Click, key: number): void {
    const rage = this.#rage;
    const goesOn = rage?.key === key && click.moment.at - (rage.clicks.at(-1) as Click).moment.at <= RAGE_MS;
    if (!rage || !goesOn || (rage.clicks.length >= RAGE_CLICKS && !isNear(rage.clicks[0] as Click, click))) {
      this.#endRage();
      this.#rage = { key, clicks: [click], count: 1 };
      return;
    }
    if (rage.clicks.length > RAGE_CLICKS) rage.clicks.pop();
    rage.clicks.push(click);
    rage.count++;
    // Until there are as many, near and within the second, the oldest may be too far or too long ago.
    while (rage.clicks.length <= RAGE_CLICKS && !areTogether(rage.clicks)) {
      rage.clicks.shift();
      rage.count--;
    }
  }

  #endRage(): void {
    const { clicks, count } = this.#rage ?? { clicks: [], count: 0 };
    this.#rage = null;
    const [first, last] = [clicks[0], clicks.at(-1)];
    if (!first || !last || count < RAGE_CLICKS) return;
    this.#tell(first.moment, "$rage_click", {
      ...first.props,
      count,
      duration_ms: last.moment.at - first.moment.at,
    });
  }

  // ---- dead

  #settle(moment: Moment): void {
    for (const dead of this.#unanswered.settle(moment.at, requestsOf(moment))) this.#tellDead(dead);
    if (this.#isEffect(moment)) this.#unanswered.answer();
  }

  #tellDead({ moment, props }: Click): void {
    this.#tell(moment, "$dead_click", props);
  }

  /** Whether the page answers, or another one comes. */
  #isEffect(moment: Moment): boolean {
    const { type } = moment.event;
    if (type === EventType.IncrementalSnapshot) return EFFECTS.has(sourceOf(moment));
    // A page that loads; a checkout repeats the address that it is at.
    if (type === EventType.DomContentLoaded || type === EventType.Load) return true;
    if (type === EventType.Meta) return moment.url !== arrivalOf(moment);
    return type === EventType.Custom && NAVIGATIONS.has(dataOf(moment).tag);
  }

  #isFull(name: string): boolean {
    return (this.#counts.get(name) ?? 0) >= FACTS_MAX;
  }

  #tell(place: Place, name: string, props: Record<string, unknown>): void {
    if (this.#isFull(name)) return;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.facts.push(factOf(place, name, props));
  }
}

function areTogether(clicks: readonly Click[]): boolean {
  const [first, last] = [clicks[0] as Click, clicks.at(-1) as Click];
  return last.moment.at - first.moment.at <= RAGE_MS && clicks.every((click) => isNear(first, click));
}

function isNear(one: Click, other: Click): boolean {
  return Math.hypot(one.x - other.x, one.y - other.y) <= RAGE_PX;
}

/** By which a page answers. */
const EFFECTS = new Set<number>([
  IncrementalSource.Mutation,
  IncrementalSource.Scroll,
  IncrementalSource.ViewportResize,
  IncrementalSource.Input,
  IncrementalSource.MediaInteraction,
  IncrementalSource.StyleSheetRule,
  IncrementalSource.CanvasMutation,
  IncrementalSource.StyleDeclaration,
  IncrementalSource.AdoptedStyleSheet,
]);
const NAVIGATIONS = new Set<unknown>([NAVIGATION_TAG, "rrhog.visibility", "rrhog.leave"]);

/** When requests began that an event tells of, by the client's clock, ms. */
function requestsOf({ event, ts }: Moment): number[] {
  if (event.type !== EventType.Plugin || dataOf({ event }).plugin !== NETWORK_PLUGIN) return [];
  const told = requests([event]);
  // In a shape that is not known, there was some request all the same.
  return told.length > 0 ? told.map((request) => request.ts) : [ts];
}

/** Whether a click on it should do something, by its looks: it, or what it lies in. */
function promises(node: DomNode): boolean {
  for (let at: DomNode | null = node; at; at = at.parent) {
    if (at.type !== NodeType.Element) continue;
    if (
      PROMISING.has(at.tag) ||
      /^(?:button|link)$/.test(at.attribute("role") ?? "") ||
      at.attribute("onclick") !== null
    )
      return true;
    if (at.tag === "input" && /^(?:submit|button|reset|image|checkbox|radio)$/i.test(at.attribute("type") ?? ""))
      return true;
    if (hasPointer(at)) return true;
  }
  return false;
}

const POINTER_STYLE = /(?:^|[;\s])cursor\s*:\s*pointer/i;

function hasPointer({ attributes, style }: DomNode): boolean {
  if (style) return /^pointer/i.test(style.get("cursor") ?? "");
  return typeof attributes.style === "string" && POINTER_STYLE.test(attributes.style.slice(0, STYLE_READ_MAX));
}

const PROMISING = new Set(["a", "button", "label", "summary", "select"]);

/** As our recorder names it: props of `$click`. */
function wordsOf({ tag, selector, text, name }: Description, element: DomNode): Record<string, unknown> {
  let link: DomNode | null = element;
  while (link && link.tag !== "a") link = link.parent;
  const href = link?.attribute("href");
  return { tag, selector, text: detached(text || name), href: href ? detached(cut(href, HREF_MAX)) : undefined };
}
