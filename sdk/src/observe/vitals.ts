/**
 * Web vitals by their authors' own library: the custom event `rrhog.web_vital`. The library gives the last value of LCP,
 * CLS and INP when the page is hidden, which a page that goes is only after `pagehide`, and its recording is over then: so
 * each change is noted, and the last one told before.
 */
import { type Metric, onCLS, onFCP, onINP, onLCP, onTTFB } from "web-vitals";
import { selectorOf } from "./describe-element.ts";
import { emitCustom } from "./emit.ts";
import type { Watched } from "./host.ts";

export function watchVitals(host: Watched): void {
  const { neverThrow, signal, since } = host;
  const latest = new Map<string, Metric>();

  const note = neverThrow((metric: Metric) => {
    // The library has no way to be stopped, nor to begin later than the page.
    if (signal.aborted || metric.entries.some(({ startTime }) => startTime < since)) return;
    latest.set(metric.name, metric);
    if (document.hidden) tell();
  });

  const tell = neverThrow(() => {
    for (const { name, value, rating, navigationType, entries } of latest.values()) {
      const element = elementOf(entries[entries.length - 1] as Attributed | undefined);
      const selector = element && host.nodeId(element) !== -1 ? { selector: selectorOf(host, element) } : {};
      emitCustom(host, "rrhog.web_vital", {
        name,
        value: rounded(value),
        rating,
        navigation: navigationType,
        ...selector,
      });
    }
    latest.clear();
  });

  for (const observe of [onCLS, onINP, onLCP]) observe(note, { reportAllChanges: true });
  for (const observe of [onFCP, onTTFB]) observe(note);
  host.leaving.add(tell);
  addEventListener("visibilitychange", tell, { capture: true, signal });
}

/** The entries of LCP, INP and CLS name an element each, by another name. */
interface Attributed {
  element?: Element | null;
  target?: Node | null;
  sources?: { node?: Node | null }[];
}

function elementOf(entry: Attributed | undefined): Element | null {
  const node = entry?.element ?? entry?.target ?? entry?.sources?.[0]?.node;
  return node instanceof Element ? node : (node?.parentElement ?? null);
}

/** CLS is a small fraction, all others are milliseconds. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
