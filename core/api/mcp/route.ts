import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { readingCaller } from "../authorize.ts";
import { newRouter } from "../router.ts";
import { type Ask, mcpServer } from "./tools.ts";

/** What says who the caller is. */
const CALLER_HEADERS = ["authorization", "cookie"];

/**
 * `POST /mcp`: the Model Context Protocol over streamable HTTP, without sessions, so that any process of the API answers any
 * request (docs/mcp.md).
 *
 * @param request the API itself
 */
export function mcpRoute(request: (path: string, init: RequestInit) => Response | Promise<Response>) {
  return newRouter().post("/mcp", async (c) => {
    readingCaller(c.get("caller"));
    const headers = new Headers({ "content-type": "application/json" });
    for (const name of CALLER_HEADERS) {
      const value = c.req.header(name);
      if (value !== undefined) headers.set(name, value);
    }
    const ask: Ask = async (path, init) => request(path, { ...init, headers, signal: c.req.raw.signal });
    const server = mcpServer(ask);
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    await server.connect(transport);
    const answer = await transport.handleRequest(c.req.raw);
    await server.close();
    return answer;
  });
}
