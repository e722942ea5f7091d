/** What rrweb records. What of it leaves the page is masked first (privacy/masking.ts). */
import { record } from "@rrweb/record";
import { createBudget } from "./budget.ts";
import { neverThrow } from "./never-throw.ts";
import type { Masking } from "./privacy/masking.ts";
import { watchScrolled } from "./scrolled.ts";

/** One rrweb event. Its `data` depends on `type`; the recorder looks at the members below only. */
export interface CapturedEvent {
  type: number;
  timestamp: number;
  data?: unknown;
}

export interface Capture {
  stop(): void;
  /** Takes a full snapshot now, if the first one has been taken. @returns how long the page waited for it, ms */
  snapshot(): number;
  /** Tells what changed and was not told yet (budget.ts). */
  flush(): void;
}

export interface CaptureOptions {
  /** Pictures of what canvases show: how many a second; true is one. Default false. */
  recordCanvas?: boolean | number | undefined;
  /** The page with its frames of other origins, if they have the recorder and this option too. Default false. */
  recordCrossOriginIframes?: boolean | undefined;
  /** Fonts that scripts load. Default false. */
  collectFonts?: boolean | undefined;
}

type RecordOptions = NonNullable<Parameters<typeof record>[0]>;

/** Each kind of input by its tag, `hidden` ones too, which rrweb's `maskAllInputs` leaves out: the rules tell which. */
const MASK_INPUTS = { input: true, textarea: true } as RecordOptions["maskInputOptions"];

/** Elements. A snapshot of fewer costs the page less than to note each change of a storm. */
const SMALL_PAGE = 3_000;

/** A page that draws nothing, such as one in the background, has no frames. */
const FRAME_WITHIN_MS = 100;

/**
 * Starts recording the page, from a full snapshot on that comes a frame after the document is parsed: a snapshot asks how far
 * each element is scrolled, for which a page that was not drawn yet is laid out, all within that one task.
 */
export function capture(emit: (event: CapturedEvent) => void, masking: Masking, options: CaptureOptions): Capture {
  const { rules, fieldValue, clean } = masking;
  const { recordCanvas, recordCrossOriginIframes = false, collectFonts = false } = options;
  const changed = record as ChangedRecord;
  const scrolled = watchScrolled();
  changed.isUnscrolled = scrolled.isUnscrolled;
  changed.onHandOver = neverThrow(clean);
  let stop: ReturnType<typeof record>;
  let isAwaited = true;
  const recorded: RecordOptions = {
    emit: emit as RecordOptions["emit"],
    maskInputOptions: MASK_INPUTS,
    maskInputFn: fieldValue,
    // By the masking, which knows what is unmasked.
    maskTextFn: (text) => text,
    blockSelector: rules.block,
    ignoreSelector: rules.ignore,
    slimDOMOptions: true,
    recordCanvas: Boolean(recordCanvas),
    sampling: { canvas: Number(recordCanvas) || 1 },
    dataURLOptions: { type: "image/webp", quality: 0.4 },
    recordCrossOriginIframes,
    collectFonts,
    errorHandler: isOurs,
  };
  const begin = neverThrow(() => {
    if (isAwaited) stop = record(recorded);
    isAwaited = false;
  });
  afterFrame(begin);
  function snapshot(): void {
    changed.isDeaf = false;
    record.takeFullSnapshot(true);
  }
  const budget = createBudget({
    freeze() {
      if (document.getElementsByTagName("*").length < SMALL_PAGE) changed.isDeaf = true;
      else record.freezePage();
    },
    thaw: neverThrow((pauseMs: number) => {
      // Any event but a change thaws rrweb.
      record.addCustomEvent("rrhog.slowed", { pause_ms: pauseMs });
      if (changed.isDeaf) snapshot();
    }),
  });
  changed.onMutations = neverThrow(budget.spend);
  return {
    stop() {
      isAwaited = false;
      budget.thaw();
      stop?.();
      scrolled.stop();
    },
    snapshot() {
      if (!stop) return 0;
      const startedAt = performance.now();
      const isOwed = changed.isDeaf;
      budget.thaw();
      if (!isOwed) snapshot();
      return performance.now() - startedAt;
    },
    flush() {
      if (document.readyState !== "loading") begin();
      budget.thaw();
    },
  };
}

/** `document.open` has a page load once more, for ever where nobody closes it. */
let isParsed = false;

/** Does it once or twice, after the page has been parsed and drawn. */
function afterFrame(work: () => void): void {
  isParsed ||= document.readyState !== "loading";
  if (!isParsed) {
    document.addEventListener("DOMContentLoaded", () => afterFrame(work), { once: true });
  } else {
    requestAnimationFrame(() => setTimeout(work));
    setTimeout(work, FRAME_WITHIN_MS);
  }
}

/** As sdk/faster-rrweb.ts changes it. */
interface ChangedRecord {
  /** Heeds no changes, but those by which a field ceases to be a password: a full snapshot is to follow. */
  isDeaf?: boolean;
  isUnscrolled?(element: Element): boolean;
  /** Told after each lot of mutations how long it took, ms. */
  onMutations?(ms: number): void;
  /** In a frame: gets each event before it goes to the page around it. */
  onHandOver?(event: CapturedEvent): void;
  /** Events that frames of other origins handed over: masked there, by their own rules. */
  handedOver?: WeakSet<object>;
}

/** Whether an event is of a frame of another origin. */
export function isHandedOver(event: CapturedEvent): boolean {
  return Boolean((record as ChangedRecord).handedOver?.has(event));
}

/** The number that rrweb knows a node by, -1 where it knows none, or leaves its content out. */
export function nodeId(node: Node): number {
  const meta = record.mirror.getMeta(node) as { id: number; needBlock?: boolean } | null;
  return meta && !meta.needBlock ? meta.id : -1;
}

/**
 * True for an error that the page must not see. Rrweb wraps native functions (`insertRule` and its like): what those
 * themselves throw at the page is a DOMException and must reach it as ever.
 */
function isOurs(error: unknown): boolean {
  const ours = !(error instanceof DOMException);
  if (ours) console.debug("rrhog:", error);
  return ours;
}

/** Rrweb's event that begins a full snapshot. */
export const META = 4;
const FULL_SNAPSHOT = 2;
const INCREMENTAL_SNAPSHOT = 3;
/** Rrweb's IncrementalSource: MouseMove, MouseInteraction, Scroll, Input, TouchMove, Drag. */
const ACTIONS = [1, 2, 3, 5, 6, 12];
/** Mutation, StyleSheetRule, StyleDeclaration, AdoptedStyleSheet. */
const CHANGES = [0, 8, 13, 15];

export function isFullSnapshot(event: CapturedEvent): boolean {
  return event.type === FULL_SNAPSHOT;
}

/** Something that the visitor did: it keeps a session alive, or begins one. */
export function isAction(event: CapturedEvent): boolean {
  return ACTIONS.includes(source(event));
}

/** Something that a new full snapshot would show otherwise than the last one. */
export function isChange(event: CapturedEvent): boolean {
  return CHANGES.includes(source(event));
}

function source({ type, data }: CapturedEvent): number {
  if (type !== INCREMENTAL_SNAPSHOT) return -1;
  return (data as { source: number }).source;
}
