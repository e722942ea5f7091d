/** Of elements as the browser has them: a form has its fields by their names, and one may be called `matches`. */

export function matches(element: Element, selector: string): boolean {
  return Element.prototype.matches.call(element, selector);
}

/** The element itself, or the nearest around it. */
export function closest<Found extends Element>(element: Element, selector: string): Found | null {
  return Element.prototype.closest.call(element, selector) as Found | null;
}
