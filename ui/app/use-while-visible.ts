import { useDocumentVisibility } from "@mantine/hooks";
import { useEffect } from "react";

interface Pace {
  everyMs: number;
  /** Also as soon as somebody looks. */
  atOnce?: boolean;
  /** Not now. */
  off?: boolean;
}

/** Does something again and again while somebody looks at the page. @param deed the same for as long as it means the same */
export function useWhileVisible(deed: () => void, { everyMs, atOnce = false, off = false }: Pace): void {
  const visible = useDocumentVisibility() === "visible";
  useEffect(() => {
    if (off || !visible) return;
    if (atOnce) deed();
    const timer = setInterval(deed, everyMs);
    return () => clearInterval(timer);
  }, [deed, everyMs, atOnce, off, visible]);
}
