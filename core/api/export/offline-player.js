/* global document, window, rrwebPlayer */
/** Plays what stands in the page: session-html.ts writes it, and its policy lets nothing else run or be fetched. */
void (async () => {
  const session = JSON.parse(document.getElementById("session").textContent);
  const main = document.querySelector("main");
  const header = document.querySelector("header");
  const windows = [...document.querySelectorAll("script[data-window]")];
  const assets = new Map(
    [...document.querySelectorAll("script[data-asset]")].map(({ dataset, textContent }) => [
      dataset.asset,
      `data:${dataset.type};base64,${textContent}`,
    ]),
  );

  const says = [session.user_email ?? session.user_id ?? "Visitor", session.started_at, session.first_url];
  for (const text of says.filter(Boolean)) header.appendChild(document.createElement("span")).textContent = text;
  document.title = `${says[0]} · rrHog`;
  if (windows.length > 1) {
    const choice = header.appendChild(document.createElement("select"));
    choice.setAttribute("aria-label", "Window");
    windows.forEach((_, i) => {
      choice.add(new Option(`Window ${i + 1}`, String(i)));
    });
    choice.addEventListener("change", () => play(windows[Number(choice.value)]));
  }

  let player = null;
  if (windows.length > 0) await play(windows[0]);

  async function play(block) {
    const events = await eventsOf(block);
    player?.$destroy();
    main.replaceChildren();
    if (events.length < 2) {
      main.textContent = "There is too little of this window to show.";
      return;
    }
    const { width, height } = main.getBoundingClientRect();
    const Player = rrwebPlayer.default ?? rrwebPlayer.Player ?? rrwebPlayer;
    player = new Player({
      target: main,
      props: {
        events,
        width,
        height: height - 80,
        autoPlay: true,
        skipInactive: true,
        UNSAFE_replayCanvas: false,
        triggerFocus: false,
        showWarning: false,
      },
    });
    const { iframe } = player.getReplayer();
    if (iframe.getAttribute("sandbox") !== "allow-same-origin") iframe.remove();
  }

  async function eventsOf(block) {
    const bytes = Uint8Array.from(atob(block.textContent), (character) => character.charCodeAt(0));
    const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const text = await new Response(inflated).text();
    let latest = 0;
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const event = JSON.parse(
          line.includes("rrhog-asset:")
            ? line.replace(/rrhog-asset:([0-9a-f]{64})/g, (mark, hash) => assets.get(hash) ?? mark)
            : line,
        );
        // In the order of play: the player sorts by time, and a clock may have been set back.
        latest = Math.max(latest, event.timestamp);
        event.timestamp = latest;
        return inert(event);
      });
  }

  /** What neither the sandbox nor the policy governs: connections opened ahead, a base address, a refresh. */
  function inert(event) {
    const { data } = event;
    const trees = [];
    if (event.type === 2 && data?.node) trees.push(data.node);
    if (event.type === 3 && data?.source === 0) {
      for (const { node } of data.adds ?? []) if (node) trees.push(node);
      for (const { attributes } of data.attributes ?? []) {
        if (!attributes) continue;
        delete attributes["http-equiv"];
        delete attributes.rel;
      }
    }
    while (trees.length > 0) {
      const { tagName, attributes, childNodes } = trees.pop();
      if (Array.isArray(childNodes)) for (const child of childNodes) if (child) trees.push(child);
      if (!attributes) continue;
      const tag = String(tagName).toLowerCase();
      if (tag === "link") delete attributes.href;
      if (tag === "base" || (tag === "meta" && "http-equiv" in attributes)) {
        for (const name of Object.keys(attributes)) delete attributes[name];
      }
      if (["iframe", "frame", "object", "embed", "portal", "fencedframe"].includes(tag)) {
        for (const name of ["src", "srcdoc", "data", "code", "codebase"]) delete attributes[name];
      }
    }
    return event;
  }
})();
