/** The real applications of test/recordings/apps, served with whatever a test puts in the place of their recorder. */
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const APPS = join(ROOT, "test/recordings/apps");

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
};

export interface AppSite {
  /** `…/staff-table.html` is an application. */
  url: string;
  close(): void;
}

/** @param recorder the text of the script that each application has in its head, `/recorder.js` */
export async function serveApps(recorder: string): Promise<AppSite> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    response.setHeader("content-type", TYPES[extname(path)] ?? "application/json");
    if (path === "/recorder.js") response.end(recorder);
    else if (path === "/api/openapi.json") sendFile(join(APPS, "openapi.json"));
    else if (path.startsWith("/api/")) {
      response.end(JSON.stringify([{ isbn: "9783161484100", title: "Solaris", price: 1299 }]));
    } else if (path.startsWith("/node_modules/")) sendFile(join(ROOT, path));
    else sendFile(join(APPS, path));

    function sendFile(file: string) {
      createReadStream(file)
        .on("error", () => response.writeHead(404).end())
        .pipe(response);
    }
  });
  server.listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
