import { apiPath, forward } from "../forward.server.ts";
import type { Route } from "./+types/shared-asset";

/** GET `/v1/shared/{token}/assets/{hash}`: as routes/asset.ts, for whoever has the link. */
export function loader(args: Route.LoaderArgs): Promise<Response> {
  const { token, hash } = args.params;
  return forward(args, apiPath`/v1/shared/${token}/assets/${hash}`, {
    askedWith: [],
    answeredWith: ["content-type", "content-length", "cache-control", "content-security-policy"],
  });
}
