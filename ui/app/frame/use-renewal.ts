import { useDocumentVisibility, useInterval } from "@mantine/hooks";
import { useEffect } from "react";

const EVERY_MS = 3_600_000;

/** Has the sign-in renewed while somebody looks (routes/renew.ts decides whether it is time). */
export function useRenewal(): void {
  const visible = useDocumentVisibility() === "visible";
  const { start, stop } = useInterval(renew, EVERY_MS);
  useEffect(() => {
    if (!visible) return;
    renew();
    start();
    return stop;
  }, [visible, start, stop]);
}

function renew(): void {
  // Where it fails there is another one in an hour.
  void fetch("/renew", { method: "POST" }).catch(() => {});
}
