/**
 * Whether a session is of the site in the making, and not of its visitors: on its makers' own machines, or where they try
 * it out. Told by the host alone, since that is what they name.
 */
import { isOneOfHosts } from "#protocol/hosts.ts";

/** Loopback by address (RFC 1122, RFC 4291), and by the names that never leave a machine or its network (RFC 6761, 6762). */
const OWN_MACHINE = /^(?:127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[::1\]|(?:.+\.)?localhost|.+\.local)$/;

/** `staging.example.com`, `dev.example.com`; a host of two labels, such as dev.to, is a site's own name. */
const TRIAL_NAME = /^(?:staging|stage|stg|dev|develop|development|preview|qa|uat|test)(?:\.[^.]+){2,}$/;
/** `preview-412.example.com`, `shop-staging.example.com` */
const TRIAL_PART = /^(?:(?:staging|stg|preview|qa|uat)-[^.]+|[^.]+-(?:staging|stg|preview|qa|uat))(?:\.[^.]+){2,}$/;

/**
 * @param url of the session's first page
 * @param ownHosts of the project's settings: hosts in lower case, `*.example.com` for all subdomains
 */
export function isInternal(url: string, ownHosts: readonly string[]): boolean {
  const host = URL.parse(url)?.hostname.replace(/\.$/, "");
  if (!host) return false;
  if (OWN_MACHINE.test(host) || TRIAL_NAME.test(host) || TRIAL_PART.test(host)) return true;
  return isOneOfHosts(host, ownHosts);
}
