import type { Context, MiddlewareHandler } from "hono";
import { Refusal } from "./refusal.ts";
import type { ApiEnv } from "./router.ts";
import type { Settings } from "./settings.ts";

const SAFE_METHODS = new Set(["GET", "HEAD"]);

/**
 * What a browser sends by itself, the cookie, may change things for pages of the console and of this API only. Beside
 * `SameSite=Lax`, which takes all hosts below one domain, and all ports of one host, for the same site. Programs send
 * neither of the two headers; a key is sent by nobody's browser by itself.
 */
export function ownPagesOnly({ UI_URL }: Pick<Settings, "UI_URL">): MiddlewareHandler<ApiEnv> {
  const console = new URL(UI_URL).origin;
  return async (c, next) => {
    if (!SAFE_METHODS.has(c.req.method) && !c.req.header("authorization") && !isOwnPage(c, console)) {
      throw new Refusal("page_foreign");
    }
    await next();
  };
}

function isOwnPage(c: Context, console: string): boolean {
  const origin = c.req.header("origin");
  if (origin === undefined) return ["same-origin", "none", undefined].includes(c.req.header("sec-fetch-site"));
  return origin === console || (URL.canParse(origin) && new URL(origin).host === c.req.header("host"));
}
