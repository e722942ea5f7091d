/** What a click was on, in words: rrweb says only which node. The custom event `rrhog.click`. */
import { closest } from "../elements.ts";
import { selectorOf, textOf } from "./describe-element.ts";
import { emitCustom } from "./emit.ts";
import type { Watched } from "./host.ts";

/** What people mean to click, whatever lies in it. */
const CONTROLS = "a,button,summary,label,option,[role=button],[role=link],[role=tab],[role=menuitem],[role=option]";

export function watchClicks(host: Watched): void {
  const { view, signal } = host;
  const take = host.neverThrow((event: MouseEvent) => {
    const [target] = event.composedPath();
    if (!(target instanceof view.Element)) return;
    const id = host.nodeId(target);
    if (id === -1) return;
    const control = closest(target, CONTROLS);
    const element = control ?? target;
    const link = closest<HTMLAnchorElement>(target, "a[href]");
    // As the link itself is recorded (privacy/masking.ts): masked, it says no more than which page it leads to.
    const isTold = link && (!host.isMasked(link) || (/^https?:/.test(link.href) && !link.isContentEditable));
    const href = isTold && link.href;
    const text = textOf(host, element, Boolean(control));
    emitCustom(host, "rrhog.click", {
      id,
      tag: element.localName,
      selector: selectorOf(host, element),
      x: Math.round(event.clientX),
      y: Math.round(event.clientY),
      ...(text && { text }),
      ...(href && { href: host.scrubUrl(String(href)) }),
    });
  });
  view.addEventListener("click", take, { capture: true, signal });
}
