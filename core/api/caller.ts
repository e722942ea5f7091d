/** Who asks: found out once a request, from a key or from the session cookie. */
export type Caller =
  | { kind: "nobody" }
  | { kind: "key"; projectId: number; keyKind: "read" | "write" }
  | { kind: "person"; user: { id: string; email: string; name: string }; authSessionId: string };
