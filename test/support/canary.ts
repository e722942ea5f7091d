/**
 * A recording made by an attacker: write keys are public, so anyone can send a page that carries scripts. Each of them
 * would fetch its own address of CANARY_PATH, open a dialog and mark the console's window; none may run.
 */
export const CANARY_PATH = "/canary-ran/";

const act = (name: string) =>
  `fetch('${CANARY_PATH}${name}');try{parent.canaryRan='${name}'}catch{};window.canaryRan='${name}';alert('${name}')`;

let nextId = 1;
const element = (tagName: string, attributes: Record<string, unknown> = {}, childNodes: object[] = []) => ({
  type: 2,
  id: nextId++,
  tagName,
  attributes,
  childNodes,
});
const text = (textContent: string) => ({ type: 3, id: nextId++, textContent });

/** What the replay must show for the test to mean anything. */
export const CANARY_TEXT = "The canary's page";
/** To be clicked on the stage. */
export const CANARY_LINK = "Click the canary";

function body() {
  return element("body", { onload: act("body-onload"), onpageshow: act("body-onpageshow") }, [
    element("h1", {}, [text(CANARY_TEXT)]),
    element("script", {}, [text(act("script"))]),
    element("SCRIPT", { src: `${CANARY_PATH}script-src` }),
    element("img", { src: "data:,", onerror: act("img-onerror") }),
    element("img", { rr_src: "x", ONERROR: act("img-upper-onerror"), src: "x" }),
    element("svg", { isSVG: true, onload: act("svg-onload") }, [
      element("script", { isSVG: true }, [text(act("svg-script"))]),
      element("animate", { isSVG: true, onbegin: act("svg-onbegin"), attributeName: "x", dur: "1s" }),
    ]),
    element("iframe", { srcdoc: `<script>${act("iframe-srcdoc")}</script>` }),
    element("iframe", { src: `javascript:${act("iframe-javascript")}` }),
    element("object", { data: `javascript:${act("object-data")}` }),
    element("embed", { src: `data:text/html,<script>${act("embed")}</script>` }),
    element("style", {}, [text(`@import '${CANARY_PATH}style-import'; body { background: url(javascript:alert(1)) }`)]),
    element("details", { open: true, ontoggle: act("details-ontoggle") }, [text("details")]),
    element("input", { autofocus: true, onfocus: act("input-onfocus") }),
    element("form", { action: `javascript:${act("form-action")}` }, [element("button", {}, [text("send")])]),
    element("a", { href: `javascript:${act("a-href")}`, onclick: act("a-onclick") }, [text(CANARY_LINK)]),
    element("a", { href: ` \tjava\nscript:${act("a-href-blanks")}` }, [text("another")]),
    element("meta", { "http-equiv": "refresh", content: `0;url=${CANARY_PATH}refresh` }),
    element("base", { href: "https://canary.invalid/" }),
  ]);
}

/** A page as recorded, a change to it, and a minute of idle time in which to look. */
export function canaryEvents(now: number): string[] {
  nextId = 1;
  const page = body();
  const document = { type: 0, id: nextId++, childNodes: [element("html", {}, [element("head"), page])] };
  const added = element("img", { src: "data:,", onerror: act("added-onerror") });
  return [
    { type: 4, timestamp: now, data: { href: "https://attacker.example/", width: 800, height: 600 } },
    { type: 2, timestamp: now + 1, data: { node: document, initialOffset: { top: 0, left: 0 } } },
    {
      type: 3,
      timestamp: now + 50,
      data: {
        source: 0,
        texts: [],
        removes: [],
        attributes: [{ id: page.id, attributes: { onclick: act("changed-onclick"), style: "color: red" } }],
        adds: [{ parentId: page.id, nextId: null, node: added }],
      },
    },
    { type: 5, timestamp: now + 60_000, data: { tag: "end", payload: null } },
  ].map((event) => JSON.stringify(event));
}
