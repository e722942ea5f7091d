import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { readingCaller } from "../authorize.ts";
import { newRouter } from "../router.ts";
import { type Ask, mcpServer } from "./tools.ts";

/** What says who the caller is. */
const CALLER_HEADERS = ["authorization", "cookie"];

/** Calls of one request run side by side, as if each had come by itself; by the dozen they would hold up everybody else. */
const BATCH_MAX = 4;

/** JSON-RPC's "Invalid Request". */
const INVALID_REQUEST = -32_600;

/**
 * `POST /mcp`: the Model Context Protocol over streamable HTTP, without sessions, so that any process of the API answers any
 * request (docs/mcp.md).
 *
 * @param request the API itself
 */
export function mcpRoute(request: (path: string, init: RequestInit) => Response | Promise<Response>) {
  return newRouter().post("/mcp", async (c) => {
    readingCaller(c.get("caller"));
    if ((await messagesIn(c.req.raw.clone())) > BATCH_MAX) {
      const error = { code: INVALID_REQUEST, message: `A batch has at most ${BATCH_MAX} messages` };
      return c.json({ jsonrpc: "2.0", error, id: null }, 400);
    }
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

/** What is no JSON is left to the transport, which says so. */
async function messagesIn(request: Request): Promise<number> {
  try {
    const body: unknown = await request.json();
    return Array.isArray(body) ? body.length : 1;
  } catch {
    return 1;
  }
}
