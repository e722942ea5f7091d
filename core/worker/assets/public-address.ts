/** Which addresses are anybody's: the first line against requests into our own network (SSRF). */
import ipaddr from "ipaddr.js";

/** Public by its range, and a host's own all the same: Azure's, which answers every machine there. */
const METADATA = new Set(["168.63.129.16"]);

/**
 * Whether the address is a public unicast one, by IANA's special-purpose registries. What embeds an IPv4 address (mapped,
 * NAT64, 6to4, Teredo) is none: of those only mapped ones reach a host, as IPv4.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (METADATA.has(parsed.toString()) || parsed.range() !== "unicast") return false;
  // All that is given out of IPv6 lies in 2000::/3; the library takes what it does not know for unicast.
  return parsed.kind() === "ipv4" || parsed.match(ipaddr.IPv6.parseCIDR("2000::/3"));
}

export function isLoopbackAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "loopback";
}
