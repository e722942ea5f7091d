/** Who is recorded at all. */
import { readJson, takeJson, writeJson } from "../web-storage.ts";

export interface PermissionOptions {
  /**
   * Hosts that are recorded, `*.example.com` for all subdomains, as an array or separated by commas; all by default. The
   * edge has a list too: this one keeps copies of a site still.
   */
  allowDomains?: string | readonly string[] | undefined;
  /** True records nobody who sends Global Privacy Control. Default false. */
  respectGpc?: boolean | undefined;
}

/** For the whole origin, whatever the project: the choice is the visitor's. */
const OPTED_OUT = "rrhog.opted_out";

/** Where nothing can be stored it holds for the page. */
let optedOut = false;

export function hasOptedOut(): boolean {
  return optedOut || readJson("localStorage", OPTED_OUT) === true;
}

export function setOptedOut(out: boolean): void {
  optedOut = out;
  if (out) writeJson("localStorage", OPTED_OUT, out);
  else takeJson("localStorage", OPTED_OUT);
}

export function mayRecord({ allowDomains, respectGpc }: PermissionOptions): boolean {
  if (hasOptedOut() || (respectGpc && (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl))
    return false;
  const domains = String(allowDomains || location.hostname).split(",");
  return domains.some((domain) => isOf(location.hostname, domain.trim().toLowerCase()));
}

function isOf(host: string, domain: string): boolean {
  return domain.startsWith("*.") ? host.endsWith(domain.slice(1)) : host === domain;
}
