import * as z from "zod";
import { isOneOfHosts } from "./hosts.ts";

/** A host as people write it: `cdn.example.com`, `*.example.com` for all below it, `127.0.0.1:8790` with a port of its own. */
const HOST = /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?::\d{1,5})?$/;

/** Of which hosts a project's worker fetches the assets of recorded pages (docs/assets.md). None: nothing is fetched. */
export const AssetSettings = z.strictObject({
  hosts: z
    .array(z.string().trim().toLowerCase().max(253).regex(HOST, "a host such as cdn.example.com or *.example.com"))
    .max(50),
});
export type AssetSettings = z.infer<typeof AssetSettings>;

/** Whether a project allows to fetch from the address. Without a port in it a host means the scheme's own. */
export function isAllowedHost(url: URL, hosts: readonly string[]): boolean {
  return isOneOfHosts(url.host, hosts);
}
