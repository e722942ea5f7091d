/**
 * What was done to a style sheet's rules by index, kept as small as what is left of it: a rule that came and went leaves
 * nothing, so a page that inserts and deletes rules for hours costs what its rules do.
 *
 * The sheet's own rules are not parsed and their number is not known: they are one endless run, of which insertions and
 * deletions cut pieces.
 */

/** A stretch of the sheet's own rules, `to` exclusive, or a rule that was inserted. */
type Piece = { from: number; to: number } | { rule: string };

const PIECES_MAX = 5_000;
const INNER_MAX = 1_000;
const CHARS_MAX = 4 * 1024 * 1024;

/** rrweb's data of `StyleSheetRule` and `StyleDeclaration` events, but for whose sheet it is. */
export type RuleEvent = Record<string, unknown>;

export class RuleEdits {
  /** Characters of all that is kept. */
  chars = 0;
  #pieces: Piece[] = [{ from: 0, to: Number.POSITIVE_INFINITY }];
  /**
   * Changes inside of rules, in their order; of several to one property of one rule the last. They keep the index that
   * their rule had then: rules that are put before it later move it.
   */
  readonly #inner = new Map<string, RuleEvent>();
  #text: string | null = null;

  /** @returns whether all of it was kept: what is beyond the bounds, or malformed, is not */
  apply(event: RuleEvent): boolean {
    let kept = true;
    if (typeof event.replace === "string" || typeof event.replaceSync === "string") {
      this.#replace((event.replace ?? event.replaceSync) as string);
    }
    for (const add of listOf(event.adds)) {
      if (typeof add.rule !== "string") kept = false;
      else if (Array.isArray(add.index)) kept = this.#keepInner({ adds: [add] }, null) && kept;
      else kept = this.#insert(typeof add.index === "number" ? add.index : 0, add.rule) && kept;
    }
    for (const remove of listOf(event.removes)) {
      if (Array.isArray(remove.index)) kept = this.#keepInner({ removes: [remove] }, null) && kept;
      else if (typeof remove.index === "number") kept = this.#delete(remove.index) && kept;
    }
    for (const [kind, change] of [
      ["set", event.set],
      ["remove", event.remove],
    ] as const) {
      if (!isRecord(change) || typeof change.property !== "string") continue;
      const key = JSON.stringify([event.index, change.property]);
      kept = this.#keepInner({ index: event.index, [kind]: change }, key) && kept;
    }
    return kept;
  }

  /** The fewest events that do the same to the untouched sheet. */
  toEvents(): RuleEvent[] {
    const events: RuleEvent[] = [];
    if (this.#text !== null) events.push({ replaceSync: this.#text });
    const removes: { index: number }[] = [];
    const adds: { rule: string; index: number }[] = [];
    let own = 0;
    for (const piece of this.#pieces) {
      if ("rule" in piece) continue;
      for (; own < piece.from && removes.length < PIECES_MAX; own++) removes.push({ index: own });
      own = piece.to;
    }
    removes.reverse();
    let at = 0;
    for (const piece of this.#pieces) {
      if ("rule" in piece) adds.push({ rule: piece.rule, index: at++ });
      else at += Math.min(piece.to - piece.from, MAX_INDEX);
    }
    if (removes.length > 0) events.push({ removes });
    if (adds.length > 0) events.push({ adds });
    events.push(...this.#inner.values());
    return events;
  }

  #replace(text: string): void {
    this.#pieces = [{ from: 0, to: Number.POSITIVE_INFINITY }];
    this.#inner.clear();
    this.#text = text.slice(0, CHARS_MAX);
    this.chars = this.#text.length;
  }

  #insert(index: number, rule: string): boolean {
    if (this.#pieces.length >= PIECES_MAX || this.chars + rule.length > CHARS_MAX) return false;
    const at = this.#cut(index);
    this.#pieces.splice(at, 0, { rule });
    this.chars += rule.length;
    return true;
  }

  #delete(index: number): boolean {
    if (this.#pieces.length >= PIECES_MAX) return false;
    const at = this.#cut(index);
    const piece = this.#pieces[at];
    if (!piece) return false;
    if ("rule" in piece) {
      this.chars -= piece.rule.length;
      const [before, after] = [this.#pieces[at - 1], this.#pieces[at + 1]];
      const heals = before && after && "to" in before && "to" in after && before.to === after.from;
      if (heals) this.#pieces.splice(at - 1, 3, { from: before.from, to: after.to });
      else this.#pieces.splice(at, 1);
    } else if (piece.from + 1 < piece.to) this.#pieces[at] = { from: piece.from + 1, to: piece.to };
    else this.#pieces.splice(at, 1);
    return true;
  }

  /** Makes a piece begin at the index of a rule. @returns the piece's place */
  #cut(index: number): number {
    let left = Math.max(0, Math.min(index, MAX_INDEX));
    for (let at = 0; at < this.#pieces.length; at++) {
      const piece = this.#pieces[at] as Piece;
      if (left === 0) return at;
      const length = "rule" in piece ? 1 : piece.to - piece.from;
      if (left < length && !("rule" in piece)) {
        const middle = piece.from + left;
        this.#pieces.splice(at, 1, { from: piece.from, to: middle }, { from: middle, to: piece.to });
        return at + 1;
      }
      left -= length;
    }
    return this.#pieces.length;
  }

  #keepInner(event: RuleEvent, key: string | null): boolean {
    const name = key ?? `#${this.#inner.size}`;
    const before = this.#inner.get(name);
    const grows = JSON.stringify(event).length - (before ? JSON.stringify(before).length : 0);
    if ((!before && this.#inner.size >= INNER_MAX) || this.chars + grows > CHARS_MAX) return false;
    this.#inner.delete(name);
    this.#inner.set(name, event);
    this.chars += grows;
    return true;
  }
}

const MAX_INDEX = 2 ** 31;

function listOf(value: unknown): RuleEvent[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function isRecord(value: unknown): value is RuleEvent {
  return typeof value === "object" && value !== null;
}
