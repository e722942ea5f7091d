/**
 * What happens to the fixtures of a page. Each function runs in the page, by itself; the secrets that it plants end in the
 * name of what it does. Each returns how many it planted.
 */

declare global {
  interface Window {
    everyNode(): Node[];
  }
}

/** Every node of the page, those of shadow trees and frames included. */
export function defineEveryNode(): void {
  window.everyNode = () => {
    const below = (node: Node): Node[] => {
      const { shadowRoot, contentDocument } = node as Element & { contentDocument?: Document };
      const inner = [
        ...node.childNodes,
        ...(shadowRoot ? [shadowRoot] : []),
        ...(contentDocument ? [contentDocument] : []),
      ];
      return [node, ...inner.flatMap(below)];
    };
    return below(document.body);
  };
}

export function addLater(html: string): number {
  const later = document.createElement("section");
  document.body.append(later);
  // Unlike innerHTML, it makes the shadow trees.
  (later as Element & { setHTMLUnsafe(html: string): void }).setHTMLUnsafe(html);
  return html.split("-added").length - 1;
}

export function changeAttributes(): number {
  let count = 0;
  for (const node of window.everyNode()) {
    if (node.nodeType !== 1) continue;
    for (const { name, value } of [...(node as Element).attributes]) {
      // A frame with another source would load anew, while its contents are to be changed.
      if (name === "srcdoc" || !/-(loaded|added)/.test(value)) continue;
      (node as Element).setAttribute(name, value.replace(/-(loaded|added)/g, "-attribute"));
      count++;
    }
  }
  return count;
}

export function changeTexts(): number {
  let count = 0;
  for (const node of window.everyNode()) {
    if (node.nodeType !== 3 || !/-(loaded|added)/.test(node.nodeValue ?? "")) continue;
    node.nodeValue = (node.nodeValue ?? "").replace(/-(loaded|added)/g, "-text");
    count++;
  }
  return count;
}

/** As browsers fill in and libraries write: values, choices, with their events, and passwords while they are shown. */
export function fillIn(mark: string): number {
  let count = 0;
  const fill = (field: HTMLInputElement, text: string) => {
    field.value = text;
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true, composed: true }));
    count++;
  };
  for (const node of window.everyNode()) {
    const field = node as HTMLInputElement;
    if (/^(checkbox|radio)$/.test(field.type)) {
      field.click();
      field.setAttribute("checked", `${mark}-checked`);
    } else if (/^(INPUT|TEXTAREA)$/.test(field.nodeName) && !/^(submit|button)$/.test(field.type)) {
      if (field.classList.contains("toggled")) field.type = "text";
      fill(field, field.classList.contains("emptied") ? "" : `${mark}-filled`);
    } else if (field.nodeName === "SELECT") {
      const select = node as unknown as HTMLSelectElement;
      select.add(new Option(`${mark}-option`, `${mark}-option`, true, true));
      fill(field, `${mark}-option`);
      select.options[0]?.setAttribute("selected", "");
    } else if ((node as HTMLElement).isContentEditable && field.hasAttribute?.("contenteditable")) {
      field.append(`${mark}-filled`);
    }
  }
  return count;
}
