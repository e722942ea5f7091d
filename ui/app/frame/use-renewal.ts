import { useWhileVisible } from "../use-while-visible.ts";

const EVERY_MS = 3_600_000;

/** Has the sign-in renewed while somebody looks (routes/renew.ts decides whether it is time). */
export function useRenewal(): void {
  useWhileVisible(renew, { everyMs: EVERY_MS, atOnce: true });
}

function renew(): void {
  // Where it fails there is another one in an hour. It outlives the page: the old sign-in ends soon after the new one is made,
  // and a page that is left before the answer would leave the person with the old one.
  void fetch("/renew", { method: "POST", keepalive: true }).catch(() => {});
}
