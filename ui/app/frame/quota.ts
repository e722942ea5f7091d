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

const MEGABYTE = 1e6;
const GIGABYTE = 1e9;

/** Null where there is nothing to warn of. */
export function quotaInWords({ to, sessions, bytes, warning }: Usage): QuotaWords | null {
  if (warning === "none") return null;
  const until = new Date(to).toLocaleDateString("en-GB", { timeZone: "UTC", day: "numeric", month: "long" });
  const bars = [
    bar(sessions, 1, "sessions"),
    (bytes.quota ?? 0) < GIGABYTE ? bar(bytes, MEGABYTE, "MB") : bar(bytes, GIGABYTE, "GB"),
  ].filter((one) => one !== null);
  if (warning === "used_up") {
    const body = `New sessions are not recorded until ${until}. Those that had begun are recorded to their end.`;
    return { title: "This month's quota is used up", body, bars };
  }
  const body = `When it is used up, new sessions are not recorded until ${until}.`;
  return { title: "Most of this month's quota is used", body, bars };
}

function bar({ used, quota }: Used, unit: number, name: string): { label: string; part: number } | null {
  if (used === null || quota === null) return null;
  const words = (amount: number) => (amount / unit).toLocaleString("en-GB", { maximumFractionDigits: 2 });
  return { label: `${words(used)} of ${words(quota)} ${name}`, part: quota === 0 ? 1 : used / quota };
}
