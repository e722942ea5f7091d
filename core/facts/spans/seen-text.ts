/**
 * Texts that became visible (dom/visible.ts), each once a window, when it was seen first; and of those the ones that
 * appeared within 3 s of a click or key, as `$text_appeared`. As recorded: what is masked is masked here.
 *
 * Bounded: of a place whose text changes all the time (a clock, a counter) the first texts only; none without a letter.
 */
import { IncrementalSource, MouseInteraction } from "#protocol/event.ts";
import { detached } from "../bounds.ts";
import type { DomFold } from "../dom/fold.ts";
import { type DomNode, NodeType } from "../dom/node.ts";
import { cuts, runAround, type TextRun, visibleRuns } from "../dom/text.ts";
import { isField, isShown } from "../dom/visible.ts";
import { dataOf, factOf, type Moment, type Place, placeOf, type SpanFact, sourceOf } from "./moment.ts";

/** Of one row; longer texts are cut into several, that overlap by as much as a phrase that is looked for may have. */
const PIECE_MAX = 1_000;
const OVERLAP = 200;
/** In one window. */
const TEXTS_MAX = 5_000;
/** Of one text node. */
const CHANGES_MAX = 10;
const LOOKS_MAX = 30;
const RUN_MAX = 20_000;
/** Looked at in a window, again and again: some seconds, or a few events that touch a whole page would take hours. */
const NODES_MAX = 50_000_000;
/** And at one event: some pages as large as any is. */
const EVENT_NODES_MAX = 2_000_000;

const APPEARED_MS = 3_000;
const APPEARED_MAX = 3;
const FACTS_MAX = 500;
const APPEARED_LENGTH_MAX = 200;

export interface SeenText {
  moment: Place;
  text: string;
}

export class SeenTexts {
  readonly texts: SeenText[] = [];
  readonly facts: SpanFact[] = [];
  readonly #seen = new Set<string>();
  /** How many texts began in a node, and how often it was looked at. */
  readonly #changes = new WeakMap<DomNode, number>();
  readonly #looks = new WeakMap<DomNode, number>();
  #action: { at: number; left: number } | null = null;
  #nodesLeft = NODES_MAX;
  #eventNodesLeft = EVENT_NODES_MAX;
  readonly #isEnough = (nodes = 1) => {
    this.#nodesLeft -= nodes;
    this.#eventNodesLeft -= nodes;
    return this.#nodesLeft < 0 || this.#eventNodesLeft < 0;
  };

  take(moment: Moment, fold: DomFold): void {
    const source = sourceOf(moment);
    const isClick = source === IncrementalSource.MouseInteraction && dataOf(moment).type === MouseInteraction.Click;
    if (isClick || source === IncrementalSource.Input) this.#action = { at: moment.at, left: APPEARED_MAX };
    const { document, touched } = fold;
    if (!document || touched.length === 0 || this.#seen.size >= TEXTS_MAX || this.#nodesLeft < 0) return;
    this.#eventNodesLeft = EVENT_NODES_MAX;
    let part = 0;
    for (const run of shownIn(touched, (node) => this.#isBusy(node), this.#isEnough)) {
      // What somebody types is no answer of the page, and seen letter by letter it is nothing to look for.
      if (isField(run.node) && source === IncrementalSource.Input) continue;
      if (this.#see(run, moment) && source === IncrementalSource.Mutation) part += this.#appeared(run, moment, part);
    }
  }

  /** A text that has changed so often is looked at no more. */
  #isBusy(node: DomNode): boolean {
    if (node.type !== NodeType.Text) return false;
    const looks = this.#looks.get(node) ?? 0;
    this.#looks.set(node, looks + 1);
    return looks >= LOOKS_MAX;
  }

  gap(): void {
    this.#action = null;
  }

  #see({ node, text }: TextRun, moment: Moment): boolean {
    if (!/\p{L}/u.test(text)) return false;
    const changes = this.#changes.get(node) ?? 0;
    if (changes >= CHANGES_MAX) return false;
    let isNew = false;
    for (const piece of piecesOf(text)) {
      if (this.#seen.has(piece) || this.#seen.size >= TEXTS_MAX) continue;
      const kept = detached(piece);
      this.#seen.add(kept);
      this.texts.push({ moment: placeOf(moment), text: kept });
      isNew = true;
    }
    if (isNew) this.#changes.set(node, changes + 1);
    return isNew;
  }

  /** @returns how many rows it is told in */
  #appeared({ text }: TextRun, moment: Moment, part: number): number {
    const action = this.#action;
    if (!action || action.left <= 0 || moment.at - action.at > APPEARED_MS || this.facts.length >= FACTS_MAX) return 0;
    action.left--;
    const props = { text: detached(text.slice(0, APPEARED_LENGTH_MAX)), after_ms: moment.at - action.at };
    this.facts.push(factOf(moment, "$text_appeared", props, part));
    return 1;
  }
}

/** The runs that touched nodes are part of, or hold. */
function* shownIn(
  touched: readonly DomNode[],
  isBusy: (node: DomNode) => boolean,
  isEnough: (nodes?: number) => boolean,
): Generator<TextRun, void> {
  const stamp = touched[0]?.touchedIn;
  for (const node of touched) {
    const { parent } = node;
    // What lies in another one that was touched is found there.
    if (parent?.touchedIn === stamp || !(parent || node.type === NodeType.Document)) continue;
    if (isBusy(node)) continue;
    // Whether it is shown all around it tells.
    if (isEnough(node.depth + 1)) return;
    if (!isShown(node) || isInField(node)) continue;
    if (cuts(node)) yield* visibleRuns(node, isEnough);
    else {
      const around = runAround(node, RUN_MAX, isEnough);
      if (around) yield around;
      // Blocks in an inline element have runs of their own.
      for (const run of node.first ? visibleRuns(node, isEnough) : []) if (!around?.text.includes(run.text)) yield run;
    }
  }
}

/** Of an option or a text area's text the field's own value tells. */
function isInField(node: DomNode): boolean {
  for (let at = node.parent; at && at.type === NodeType.Element; at = at.parent) if (isField(at)) return true;
  return false;
}

function* piecesOf(text: string): Generator<string, void> {
  const whole = text.slice(0, RUN_MAX);
  for (let at = 0; ; at += PIECE_MAX - OVERLAP) {
    yield whole.slice(at, at + PIECE_MAX);
    if (at + PIECE_MAX >= whole.length) return;
  }
}
