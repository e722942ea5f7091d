/**
 * Which elements may be scrolled, by the events that they had. To ask an element how far makes the browser see to the whole
 * page's layout: a tenth of a snapshot of 50,000 nodes.
 */

export interface Scrolled {
  /** True for an element that is certainly not scrolled; false for one of which that is not known. */
  isUnscrolled(element: Element): boolean;
  stop(): void;
}

/** Listens from here on. Of a page that has been parsed already, or of shadow trees and frames, nothing is known. */
export function watchScrolled(): Scrolled {
  const isKnown = document.readyState === "loading";
  const scrolled = new WeakSet<EventTarget>();
  const note = ({ target }: Event) => scrolled.add(target === document ? document.documentElement : (target as Node));
  const options = { capture: true, passive: true };
  addEventListener("scroll", note, options);
  return {
    isUnscrolled: (element) => isKnown && !scrolled.has(element) && element.getRootNode() === document,
    stop: () => removeEventListener("scroll", note, options),
  };
}
