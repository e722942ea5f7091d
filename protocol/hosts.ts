/** @param named in lower case; `*.example.com` is every host below, and not the bare domain: who wants both says both */
export function isOneOfHosts(host: string, named: readonly string[]): boolean {
  return named.some((name) => (name.startsWith("*.") ? host.endsWith(name.slice(1)) : host === name));
}
