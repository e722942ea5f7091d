/**
 * Stands in for @nats-io/nkeys in the bundle (wrangler.toml, `[alias]`): a sixth of the Worker would be Ed25519 for sign-ins
 * that the edge does not use. It has a user and a password, over TLS.
 */
export function fromSeed(): never {
  throw new Error("the edge signs in to NATS by user and password, not by nkey or JWT");
}
