/** What attributes say: words for people, addresses, or only how an element looks. */

/** Of HTML. What else has a hyphen, a colon or an `@` in it is the site's own, or its framework's. */
const WORDS =
  /^(value|placeholder|title|alt|label|content|summary|abbr|aria-(label$|desc|va|pl|role|br).*)$|^(?!aria)[^_]*[-:@.]/;
const WORDS_IN_SVG = /^(title|aria-(label$|desc)|data-)/;
/** A custom element may show any attribute but these. */
const LOOKS = /^(class|id|style|slot|part|role|type|hidden|disabled|rr_.*)$/;

/** True for an attribute that can carry what people typed or read. */
export function isWords(element: Element | null, name: string): boolean {
  if (element?.localName.includes("-")) return !LOOKS.test(name);
  return (element && "ownerSVGElement" in element ? WORDS_IN_SVG : WORDS).test(name);
}
