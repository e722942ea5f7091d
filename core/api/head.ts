import type { MiddlewareHandler } from "hono";

/** Hono answers HEAD as GET and drops the body unread: what a stream holds, such as a query, is let go here. */
export const letGoOfHead: MiddlewareHandler = async (c, next) => {
  await next();
  if (c.req.method === "HEAD") await c.res.body?.cancel();
};
