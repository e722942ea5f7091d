/** `?` shows the keys of the page one is on. Their dialog is loaded when it is first opened. */
import { lazy, Suspense, useMemo, useState } from "react";
import { usePageKeys } from "./use-page-keys.ts";

const KeysDialog = lazy(() => import("./keys-dialog.tsx"));

interface KeysHelpProps {
  opened: boolean;
  setOpened: (opened: boolean) => void;
}

export function KeysHelp({ opened, setOpened }: KeysHelpProps) {
  const [wanted, setWanted] = useState(false);
  if (opened && !wanted) setWanted(true);
  usePageKeys(useMemo(() => new Map([["?", () => setOpened(true)]]), [setOpened]));
  if (!wanted) return null;
  return (
    <Suspense>
      <KeysDialog opened={opened} onClose={() => setOpened(false)} />
    </Suspense>
  );
}
