/**
 * A project's rules over what was sent. What they find becomes `*`, a character each, so that what is played keeps its
 * shape; blanks, and what separates the groups of a card number, stay. Not another byte of an event changes: numbers keep
 * their digits, members their order. Pure and repeatable: what was redacted once is found no more.
 */
import type { Slice } from "#protocol/json-scan.ts";
import { mayHoldCard } from "./candidates.ts";
import { digitsIn, digitsOf, findCards, findTypedCard, isCard } from "./cards.ts";
import { type Finder, type Finding, maskChar } from "./finding.ts";
import { jsonTree, stringAt, type TreeBudget, unitPlaces } from "./json-tree.ts";
import { type Mark, MarkSearch } from "./marks.ts";
import { type Budget, compileOwn, newBudget, type OwnFinder } from "./own.ts";
import { addCounts, type RedactionRules, type RuleCounts, type RuleName } from "./rules.ts";
import { findEmails, findIbans, findJwts, findKeys, IBAN_SHAPE, KEY_MARKS } from "./secrets.ts";
import { type VisibleString, visibleText } from "./visible-text.ts";

export interface CompiledRules {
  /** False where nothing is to be found at all. */
  any: boolean;
  cards: boolean;
  /** Beside cards. Each finds nothing where none of its marks is. */
  finders: Finder[];
  marks: Mark[];
  own: OwnFinder[];
}

/** Of all that there may be. */
const EVERY_FINDER = ~0;

/** Own expressions that cannot be taken are left out: the API takes none, and a worker of another release may differ. */
export function compileRules(rules: RedactionRules): CompiledRules {
  const finders: Finder[] = [];
  const marks: Mark[] = [];
  const option = (isOn: boolean, finder: Finder, ...itsMarks: Mark["mark"][]) => {
    if (!isOn) return;
    for (const mark of itsMarks) marks.push({ mark, finders: 1 << finders.length });
    finders.push(finder);
  };
  option(rules.emails, findEmails, "@", "%40");
  option(rules.ibans, findIbans, IBAN_SHAPE);
  option(rules.jwts, findJwts, "eyJ");
  option(rules.keys, findKeys, ...KEY_MARKS);
  // No browser writes these letters as escapes; where somebody does, all is read.
  if (marks.length > 0) marks.push({ mark: "\\u00", finders: EVERY_FINDER });
  const own = rules.own.map(compileOwn).filter((finder) => typeof finder === "function");
  return { any: rules.cards || finders.length > 0 || own.length > 0, cards: rules.cards, finders, marks, own };
}

export interface RedactedEvents {
  text: Buffer;
  /** Where each event lies in it, in their order. */
  slices: Slice[];
  /** Places of those that are not as they were sent. */
  changed: number[];
  counts: RuleCounts;
}

/**
 * Strings, objects and lists that are looked through for one batch. Recordings have one in 12 to 22 bytes, so 32 MiB, the
 * most that a body inflates to, have three million; brackets and quotes alone would be sixteen.
 */
export const REDACTED_VALUES_MAX = 4_000_000;

/**
 * @param text holds the events' JSON, each of which JSON.parse takes
 * @returns null where nothing was found, "too large" where more than `valuesMax` would have to be looked through
 */
export function redactEvents(
  text: Buffer,
  events: readonly Slice[],
  rules: CompiledRules,
  valuesMax: number = REDACTED_VALUES_MAX,
): RedactedEvents | "too large" | null {
  if (!rules.any) return null;
  const redaction = new Redaction(rules, { values: valuesMax });
  const edits = new Map<number, Edit[]>();
  const counts = new Map<number, RuleCounts>();
  const redact = (idx: number, slice: Slice) => {
    const found = redaction.event(text, slice);
    if (!found) return false;
    const taken = redaction.taken();
    if (found.length > 0) {
      edits.set(idx, found);
      counts.set(idx, taken);
    }
    return true;
  };
  const marks = new MarkSearch(text, { start: 0, end: text.byteLength }, rules.marks);
  for (const [idx, { start, end }] of events.entries()) {
    const isCandidate =
      rules.own.length > 0 || (rules.cards && mayHoldCard(text, start, end)) || marks.within({ start, end }) !== 0;
    if (isCandidate && !redact(idx, { start, end })) return "too large";
  }
  if (redaction.hasTypedCards) {
    for (const [idx, slice] of events.entries()) {
      const isChange = text.subarray(slice.start, slice.end).includes(CHANGES);
      if (isChange && !redact(idx, slice)) return "too large";
    }
  }
  if (edits.size === 0) return null;
  const sum: RuleCounts = {};
  for (const found of counts.values()) addCounts(sum, found);
  const changed = [...edits.keys()].toSorted((a, b) => a - b);
  return { ...rewritten(text, events, edits), changed, counts: sum };
}

/** Of incremental snapshots, which alone change a value. */
const CHANGES = '"source"';

/** A text that is no part of an event: an address, a trait. */
export function redactText(text: string, rules: CompiledRules): { text: string; counts: RuleCounts } {
  const redaction = new Redaction(rules);
  return { text: redaction.plain(text), counts: redaction.taken() };
}

/** The strings in a value as JSON.parse gives it. Names of members stay. */
export function redactValue<T>(value: T, rules: CompiledRules): { value: T; counts: RuleCounts } {
  const redaction = new Redaction(rules);
  return { value: rules.any ? (redaction.value(value) as T) : value, counts: redaction.taken() };
}

/** What a text of people's own would become, for who tries rules. Names of own expressions are in it. */
export function findAll(
  text: string,
  rules: CompiledRules,
): { text: string; found: { rule: RuleName; name?: string }[] } {
  const redaction = new Redaction(rules);
  const found: { rule: RuleName; name?: string }[] = [];
  const redacted = redaction.plain(text, ({ rule, name }) =>
    found.push(name === undefined ? { rule } : { rule, name }),
  );
  return { text: redacted, found };
}

/** So many asterisks in place of these bytes. */
interface Edit extends Slice {
  stars: number;
}

/** Finding may make room for finding more (what stood beside it is gone): again, so that a second time finds nothing. */
const ROUNDS_MAX = 8;

class Redaction {
  #counts: RuleCounts = {};
  readonly #rules: CompiledRules;
  readonly #budget: Budget = newBudget();
  readonly #tree: TreeBudget;
  /** By node, numbers that were the value of a field or text at one time: what is typed shows their beginnings before. */
  readonly #typed = new Map<number, { whole: Set<string>; begun: Set<string> }>();

  constructor(rules: CompiledRules, tree: TreeBudget = { values: 0 }) {
    this.#rules = rules;
    this.#tree = tree;
  }

  /** What was found since it was asked before. */
  taken(): RuleCounts {
    const counts = this.#counts;
    this.#counts = {};
    return counts;
  }

  get hasTypedCards(): boolean {
    return this.#typed.size > 0;
  }

  /** @returns null where there is too much to look through */
  event(text: Buffer, slice: Slice): Edit[] | null {
    const tree = jsonTree(text, slice, this.#tree);
    if (!tree) return null;
    const { strings, lines } = visibleText(text, tree);
    const marks = new MarkSearch(text, slice, this.#rules.marks);
    const cells = new Map<number, Units>();
    const edits: Edit[] = [];
    if (this.#rules.cards) for (const line of lines) this.#splitCard(text, line, cells);
    for (const string of strings) {
      const finders = marks.within(string);
      const isCandidate = finders !== 0 || cells.has(string.start) || this.#mayHold(text, string);
      if (!isCandidate) continue;
      const value = stringAt(text, string.start, string.end);
      const masked = this.#masked(value, string, finders, cells.get(string.start));
      if (masked) for (const edit of editsOf(text, string, value, masked)) edits.push(edit);
    }
    return edits;
  }

  /** By something that has no mark. */
  #mayHold(text: Buffer, { start, end, ofNode, isTyped }: VisibleString): boolean {
    if (this.#rules.own.length > 0) return true;
    if (!this.#rules.cards) return false;
    return isTyped === true || (ofNode !== undefined && this.hasTypedCards) || mayHoldCard(text, start, end);
  }

  plain(text: string, tell?: (finding: Finding) => void): string {
    const masked = this.#masked(text, {}, EVERY_FINDER, undefined, tell);
    return masked ? maskUnits(text, masked) : text;
  }

  value(value: unknown): unknown {
    // A list of what to fill in, not recursion: values may be nested deep.
    const root = { value: value as unknown };
    const open: { holder: Record<string, unknown> | unknown[]; key: string | number }[] = [
      { holder: root, key: "value" },
    ];
    for (let place = open.pop(); place; place = open.pop()) {
      const { holder, key } = place as { holder: Record<string | number, unknown>; key: string | number };
      const inner = holder[key];
      if (typeof inner === "string") holder[key] = this.plain(inner);
      else if (Array.isArray(inner)) {
        const copy = [...(inner as unknown[])];
        holder[key] = copy;
        for (const i of copy.keys()) open.push({ holder: copy, key: i });
      } else if (typeof inner === "object" && inner !== null) {
        const copy: Record<string, unknown> = Object.fromEntries(Object.entries(inner));
        holder[key] = copy;
        for (const name of Object.keys(copy)) open.push({ holder: copy, key: name });
      }
    }
    return root.value;
  }

  /**
   * @param finders whose marks the text holds
   * @returns null where nothing is to be masked
   */
  #masked(
    value: string,
    { ofNode, isTyped }: Pick<VisibleString, "ofNode" | "isTyped">,
    finders: number,
    known: Units | undefined,
    tell?: (finding: Finding) => void,
  ): Units | null {
    let masked = known ?? null;
    let text = masked ? maskUnits(value, masked) : value;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const found = this.#find(text, finders, ofNode, isTyped ?? false).filter(({ cells }) => isNew(text, cells));
      if (found.length === 0) break;
      masked ??= new Uint8Array(value.length);
      for (const finding of found) {
        this.#counts[finding.rule] = (this.#counts[finding.rule] ?? 0) + 1;
        tell?.(finding);
        for (const [start, end] of finding.cells) masked.fill(1, start, end);
      }
      text = maskUnits(value, masked);
    }
    return masked;
  }

  #find(text: string, finders: number, ofNode: number | undefined, isTyped: boolean): Finding[] {
    const found: Finding[] = [];
    if (this.#rules.cards) {
      const cards = findCards(text);
      if (ofNode !== undefined) this.#noteTyped(ofNode, text, cards);
      found.push(...cards);
      if (cards.length === 0 && ofNode !== undefined && this.#isTypedBeginning(ofNode, text))
        found.push(digitsOf(text));
      else if (cards.length === 0 && isTyped) found.push(...findTypedCard(text));
    }
    for (const [i, finder] of this.#rules.finders.entries()) if (finders & (1 << i)) found.push(...finder(text));
    for (const own of this.#rules.own) found.push(...own(text, this.#budget));
    return found;
  }

  #noteTyped(id: number, text: string, cards: readonly Finding[]): void {
    for (const { cells } of cards) {
      const numbers = this.#typed.get(id) ?? { whole: new Set(), begun: new Set() };
      const digits = cells.map(([start, end]) => digitsIn(text.slice(start, end))).join("");
      numbers.whole.add(digits);
      for (let length = 1; length <= digits.length; length++) numbers.begun.add(digits.slice(0, length));
      this.#typed.set(id, numbers);
    }
  }

  #isTypedBeginning(id: number, text: string): boolean {
    const numbers = this.#typed.get(id);
    if (!numbers || text.length > TYPED_LENGTH_MAX) return false;
    const digits = digitsIn(text);
    if (numbers.begun.has(digits)) return true;
    for (let length = 1; length < digits.length; length++) if (numbers.whole.has(digits.slice(0, length))) return true;
    return false;
  }

  /** A card number each of whose groups, or digits, is a text node of its own, and which is all that the line says. */
  #splitCard(text: Buffer, line: readonly VisibleString[], cells: Map<number, Units>): void {
    const texts = line.map(({ start, end }) => stringAt(text, start, end));
    const digits = texts.map(digitsIn);
    const whole = digits.join("");
    const isOnlyDigits = texts.every((part) => /^[\s0-9\uff10-\uff19\-\u2010-\u2013]*$/.test(part));
    if (!isOnlyDigits || digits.filter((part) => part !== "").length < 2 || !isCard(whole)) return;
    const longest = Math.max(...digits.map((part) => part.length));
    if (longest !== 1 && findCards(digits.filter((part) => part !== "").join(" ")).length !== 1) return;
    if (line.some(({ start }) => cells.has(start))) return;
    this.#counts.card = (this.#counts.card ?? 0) + 1;
    for (const [i, { start }] of line.entries()) {
      const units = new Uint8Array((texts[i] as string).length);
      for (const [from, to] of digitsOf(texts[i] as string).cells) units.fill(1, from, to);
      cells.set(start, units);
    }
  }
}

const TYPED_LENGTH_MAX = 40;

/** For each UTF-16 unit of a text, whether it is to be masked. */
type Units = Uint8Array;

/** Whether something in it is not masked yet. */
function isNew(text: string, cells: readonly [number, number][]): boolean {
  return cells.some(([start, end]) => /[^\s*]/.test(text.slice(start, end)));
}

function maskUnits(text: string, masked: Units): string {
  let result = "";
  for (let unit = 0; unit < text.length; unit++) {
    const char = text[unit] as string;
    result += masked[unit] ? maskChar(char) : char;
  }
  return result;
}

function editsOf(text: Buffer, { start, end }: Slice, value: string, masked: Units): Edit[] {
  const places = unitPlaces(text, start, end);
  const edits: Edit[] = [];
  for (const [unit, isMasked] of masked.entries()) {
    const [start, end] = [places[unit] as number, places[unit + 1] as number];
    if (!isMasked || start === end || maskChar(value[unit] as string) !== "*") continue;
    const last = edits.at(-1);
    if (last?.end === start) {
      last.end = end;
      last.stars++;
    } else edits.push({ start, end, stars: 1 });
  }
  return edits;
}

function rewritten(
  text: Buffer,
  events: readonly Slice[],
  edits: ReadonlyMap<number, readonly Edit[]>,
): Pick<RedactedEvents, "text" | "slices"> {
  const pieces: Buffer[] = [];
  const slices: Slice[] = [];
  let at = 0;
  const push = (piece: Buffer) => {
    pieces.push(piece);
    at += piece.byteLength;
  };
  for (const [idx, { start, end }] of events.entries()) {
    const from = at;
    let past = start;
    for (const edit of edits.get(idx) ?? []) {
      push(text.subarray(past, edit.start));
      push(Buffer.alloc(edit.stars, "*"));
      past = edit.end;
    }
    push(text.subarray(past, end));
    slices.push({ start: from, end: at });
  }
  return { text: Buffer.concat(pieces), slices };
}
