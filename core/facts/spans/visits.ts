/**
 * `$quick_back`: somebody left a page within 5 s, back to the one they had come from. Told at the return; `url` is the
 * page that was left.
 * `$form_abandoned`: something was typed or chosen in a form, and its page was left without it being sent: no click on
 * what submits it, and no leaving within a second of the last input, as the return key does. Told at the last input, when
 * the page is left: for another address, or for good where the recorder says so.
 */
import { EventType, IncrementalSource, MouseInteraction } from "#protocol/event.ts";
import { URL_LENGTH_MAX } from "#protocol/limits.ts";
import { detached } from "../bounds.ts";
import { describe } from "../dom/describe.ts";
import type { DomFold } from "../dom/fold.ts";
import { type DomNode, NodeType } from "../dom/node.ts";
import { NAVIGATION_TAG } from "../page-view.ts";
import { dataOf, factOf, type Moment, type Place, placeOf, type SpanFact, sourceOf } from "./moment.ts";

const BACK_MS = 5_000;
const SENT_MS = 1_000;
const FORMS_MAX = 200;
const FACTS_MAX = 1_000;

interface Form {
  last: Place;
  fields: Set<number>;
  props: Record<string, unknown>;
  isSent: boolean;
}

export class Visits {
  readonly facts: SpanFact[] = [];
  /** The page, and the one before. */
  #pages: { url: string; at: number }[] = [];
  #forms = new Map<number, Form>();

  take(moment: Moment, fold: DomFold | null): void {
    const href = arrivalOf(moment);
    if (href !== null) this.#arrive(href, moment);
    const isLeft = moment.event.type === EventType.Custom && dataOf(moment).tag === "rrhog.leave";
    if (isLeft || moment.event.type === EventType.DomContentLoaded) this.#leave(moment);
    if (!fold) return;
    const source = sourceOf(moment);
    const { id, type } = dataOf(moment);
    const node = typeof id === "number" ? fold.node(id) : null;
    if (!node) return;
    if (source === IncrementalSource.Input) this.#fill(node, moment, fold);
    else if (source === IncrementalSource.MouseInteraction && type === MouseInteraction.Click) this.#press(node);
  }

  gap(): void {
    this.#pages = [];
    this.#forms.clear();
  }

  /** @param isOver the window's last batch says that it is */
  end(moment: Moment | null, isOver: boolean): SpanFact[] {
    if (moment && isOver) this.#leave(moment);
    return this.facts;
  }

  #arrive(url: string, moment: Moment): void {
    const [before, here] = this.#pages;
    const current = here ?? before;
    if (current?.url === url) return;
    this.#leave(moment);
    if (before && here && before.url === url && moment.at - here.at <= BACK_MS) {
      this.#tell(factOf({ ...moment, url: here.url }, "$quick_back", { back_to: url, stayed_ms: moment.at - here.at }));
    }
    this.#pages = current ? [current, { url, at: moment.at }] : [{ url, at: moment.at }];
  }

  #leave(moment: Moment): void {
    for (const { last, fields, props, isSent } of this.#forms.values()) {
      if (!isSent && moment.at - last.at > SENT_MS) {
        this.#tell(factOf(last, "$form_abandoned", { ...props, fields: fields.size }));
      }
    }
    this.#forms.clear();
  }

  #fill(field: DomNode, moment: Moment, fold: DomFold): void {
    const node = formOf(field);
    if (!node) return;
    const form = this.#forms.get(node.id);
    if (form) {
      form.last = placeOf(moment);
      form.isSent = false;
      if (form.fields.size < FORMS_MAX) form.fields.add(field.id);
    } else if (this.#forms.size < FORMS_MAX) {
      const { tag, selector, name } = describe(node, fold);
      const props = { id: node.id, tag, selector, text: detached(name) };
      this.#forms.set(node.id, { last: placeOf(moment), fields: new Set([field.id]), props, isSent: false });
    }
  }

  #press(node: DomNode): void {
    for (let at: DomNode | null = node; at; at = at.parent) {
      const type = at.attribute("type") ?? "";
      const submits =
        at.tag === "button" ? /^(?:submit)?$/i.test(type) : at.tag === "input" && /^(?:submit|image)$/i.test(type);
      if (!submits) continue;
      const form = this.#forms.get(formOf(at)?.id ?? 0);
      if (form) form.isSent = true;
      return;
    }
  }

  #tell(fact: SpanFact): void {
    if (this.facts.length < FACTS_MAX) this.facts.push(fact);
  }
}

function formOf(node: DomNode): DomNode | null {
  for (let at: DomNode | null = node; at; at = at.parent)
    if (at.type === NodeType.Element && at.tag === "form") return at;
  return null;
}

/** Where somebody is from here on, by rrweb's Meta or our recorder's word, as long as page views have it. */
export function arrivalOf(moment: Moment): string | null {
  const href = hrefOf(moment);
  if (typeof href !== "string") return null;
  return href.length > URL_LENGTH_MAX ? detached(href.slice(0, URL_LENGTH_MAX)) : href;
}

function hrefOf(moment: Moment): unknown {
  const data = dataOf(moment);
  if (moment.event.type === EventType.Meta) return data.href;
  if (moment.event.type !== EventType.Custom || data.tag !== NAVIGATION_TAG) return null;
  return (data.payload as { href?: unknown } | undefined)?.href;
}
