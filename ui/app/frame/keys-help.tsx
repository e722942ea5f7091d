/** `?` shows the keys of the page one is on. Their dialog is loaded when it is first opened. */
import { lazy, Suspense, useEffect, useState } from "react";
import { isTyping } from "./keys.ts";

const KeysDialog = lazy(() => import("./keys-dialog.tsx"));

interface KeysHelpProps {
  opened: boolean;
  setOpened: (opened: boolean) => void;
}

export function KeysHelp({ opened, setOpened }: KeysHelpProps) {
  const [wanted, setWanted] = useState(false);
  if (opened && !wanted) setWanted(true);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "?" && !isTyping(event.target)) setOpened(true);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [setOpened]);
  if (!wanted) return null;
  return (
    <Suspense>
      <KeysDialog opened={opened} onClose={() => setOpened(false)} />
    </Suspense>
  );
}
