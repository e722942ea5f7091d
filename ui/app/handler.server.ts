/** The server build's entry: a request and its environment in, a page or a resource out. */

import * as build from "virtual:react-router/server-build";
import { createRequestHandler, RouterContextProvider } from "react-router";
import { type ConsoleEnvironment, environmentContext } from "./environment.ts";

const handle = createRequestHandler({
  ...build,
  // React Router compares schemes too, which are not the same behind a proxy that ends TLS. ../server.ts has already
  // refused what does not come from our own pages.
  allowedActionOrigins: ["**"],
});

export function respond(request: Request, environment: ConsoleEnvironment): Promise<Response> {
  const context = new RouterContextProvider();
  context.set(environmentContext, environment);
  return handle(request, context);
}
