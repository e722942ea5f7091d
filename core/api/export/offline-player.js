/* global document, window, rrwebPlayer, carryOn */
/** Plays what stands in the page: session-html.ts writes it, and its policy lets nothing else run or be fetched. */
void (async () => {
  /** rrweb's `EventType`. */
  const META = 4;
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
    // A size that was not told: rrweb shows nothing before it knows one.
    if (!events.some(({ type }) => type === META)) {
      events.unshift({ type: META, timestamp: events[0].timestamp, data: { href: "", width: 1280, height: 800 } });
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
    const replayer = player.getReplayer();
    if (replayer.iframe.getAttribute("sandbox") !== "allow-same-origin") replayer.iframe.remove();
    carryOn(replayer);
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
        return event;
      });
  }
})();
