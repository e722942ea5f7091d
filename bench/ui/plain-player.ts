/** rrweb-player as its readme has it: a page that is given a whole session as one JSON, and plays it. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";

const PLAYER = dirname(createRequire(import.meta.url).resolve("rrweb-player"));

const PAGE = `<!doctype html>
<meta charset="utf-8"><title>rrweb-player</title>
<link rel="stylesheet" href="/player.css">
<div id="stage"></div>
<script src="/player.js"></script>
<script>
  fetch("/events.json").then((answer) => answer.json()).then((events) => {
    const target = document.getElementById("stage");
    window.player = new rrwebPlayer.Player({ target, props: { events, width: 1024, height: 576, autoPlay: true, showWarning: false } });
  });
</script>`;

interface PlainPlayer {
  url: string;
  close(): void;
}

export async function servePlainPlayer(events: string): Promise<PlainPlayer> {
  const fromPackage = (file: string) => readFile(join(PLAYER, file));
  const files = new Map<string, [type: string, body: string | Buffer]>([
    ["/", ["text/html", PAGE]],
    ["/player.js", ["text/javascript", await fromPackage("rrweb-player.umd.min.cjs")]],
    ["/player.css", ["text/css", await fromPackage("style.min.css")]],
    ["/events.json", ["application/json", Buffer.from(events)]],
  ]);
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? "");
    if (!file) return response.writeHead(404).end();
    // As the console: scripts and styles are kept, what was recorded is asked for each time.
    const cache = request.url?.startsWith("/player") ? "max-age=3600" : "no-cache";
    response.writeHead(200, { "Content-Type": `${file[0]}; charset=utf-8`, "Cache-Control": cache }).end(file[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
