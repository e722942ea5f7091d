/** A site of one page, with somebody's snippet in its head as it was copied. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export async function serveSnippet(snippet: string, body: string): Promise<{ url: string; close(): void }> {
  const page = `<!doctype html><html lang="en"><head><title>A site</title>${snippet}</head><body>${body}</body></html>`;
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8").end(page);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
