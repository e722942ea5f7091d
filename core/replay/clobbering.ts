/**
 * Names by which a form or a document gives one of its elements in the place of its own property (HTML, 4.10.3 and
 * 3.1.5): `<input name="childNodes">` is its form's `childNodes`. Whoever then reads the page fails at it, the player and
 * the panels alike, so such elements go without that name.
 */

/** What is read of elements, by rrweb's player and in dom-tree.tsx. */
const OF_NODES = new Set(
  (
    "attributes childNodes classList firstChild lastChild localName nextSibling nodeName nodeType ownerDocument " +
    "parentElement parentNode previousSibling shadowRoot style tagName textContent isConnected scrollLeft scrollTop " +
    "animate appendChild blur contains dispatchEvent focus getAttribute getBoundingClientRect getRootNode insertBefore " +
    "matches querySelectorAll removeAttribute removeChild replaceChild scrollTo setAttribute setAttributeNS"
  ).split(" "),
);

/** And of documents. */
const OF_DOCUMENTS = new Set(
  (
    "adoptedStyleSheets body compatMode defaultView documentElement fonts head implementation title close " +
    "createCDATASection createComment createElement createElementNS createTextNode getElementsByTagName getSelection " +
    "open write"
  ).split(" "),
);

const IN_FORMS = new Set(["button", "fieldset", "img", "input", "object", "output", "select", "textarea"]);
const IN_DOCUMENTS = new Set(["embed", "form", "iframe", "img", "object"]);

/** Whether an element's `name` or `id` would stand in the place of what is read. */
export function clobbers(tag: string, attribute: string, value: unknown): boolean {
  if (attribute !== "name" && attribute !== "id") return false;
  const name = String(value);
  const isOfDocument = attribute === "name" ? IN_DOCUMENTS.has(tag) : tag === "object";
  return (OF_NODES.has(name) && (isOfDocument || IN_FORMS.has(tag))) || (OF_DOCUMENTS.has(name) && isOfDocument);
}

/** The same of an element that is not known. */
export function clobbersAny(attribute: string, value: unknown): boolean {
  return clobbers(attribute === "name" ? "img" : "input", attribute, value);
}
