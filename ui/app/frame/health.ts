/** How the parts are, as the health dot tells it. Each was asked just now; a part whose address is not known is left out. */
export type PartStatus = "ok" | "degraded" | "down";

export interface PartHealth {
  part: "edge" | "API" | "worker";
  status: PartStatus;
  /** In words; empty where all is well. */
  says: string;
  /** How long it took to answer. */
  tookMs: number;
}

const RANK: Record<PartStatus, number> = { ok: 0, degraded: 1, down: 2 };

/** The worst of them all. */
export function overall(parts: readonly PartHealth[]): PartStatus {
  return parts.reduce<PartStatus>((worst, { status }) => (RANK[status] > RANK[worst] ? status : worst), "ok");
}

/** What the whole is in words, for the dot's label. */
export function healthInWords(parts: readonly PartHealth[]): string {
  const unwell = parts.filter(({ status }) => status !== "ok");
  if (unwell.length === 0) return "All parts answer";
  return unwell
    .map(({ part, status }) => `${part} ${status === "down" ? "does not answer" : "has trouble"}`)
    .join(", ");
}
