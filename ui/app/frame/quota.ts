/** A project's monthly use, as the API tells it, in words. */
export interface Usage {
  to: string;
  sessions: Used;
  bytes: Used;
  warning: "none" | "near" | "used_up";
}

interface Used {
  used: number | null;
  quota: number | null;
}

interface QuotaWords {
  title: string;
  body: string;
  /** Each quota, and which part of it is used. */
  bars: { label: string; part: number }[];
}

/** Null where there is nothing to warn of. */
export function quotaInWords({ to, sessions, bytes, warning }: Usage): QuotaWords | null {
  if (warning === "none") return null;
  const until = new Date(to).toLocaleDateString("en-GB", { timeZone: "UTC", day: "numeric", month: "long" });
  const bars = [
    bar(sessions, (n) => `${n.toLocaleString("en-GB")} sessions`),
    bar(bytes, (n) => `${(n / 1e9).toLocaleString("en-GB", { maximumFractionDigits: 2 })} GB`),
  ].filter((one) => one !== null);
  if (warning === "used_up") {
    const body = `New sessions are not recorded until ${until}. Those that had begun are recorded to their end.`;
    return { title: "This month's quota is used up", body, bars };
  }
  const body = `When it is used up, new sessions are not recorded until ${until}.`;
  return { title: "Most of this month's quota is used", body, bars };
}

function bar({ used, quota }: Used, words: (amount: number) => string): { label: string; part: number } | null {
  if (used === null || quota === null) return null;
  return { label: `${words(used)} of ${words(quota)}`, part: quota === 0 ? 1 : used / quota };
}
