/** `⌘K`: pages, projects, a session by its id, the sessions of a person or of a page. Loaded when first opened. */
import { useHotkeys } from "@mantine/hooks";
import { lazy, Suspense, useCallback, useState } from "react";

const Palette = lazy(() => import("./palette.tsx"));

export interface PaletteState {
  opened: boolean;
  /** Whether it was ever opened, so that its code is fetched then and not before. */
  wanted: boolean;
  open: () => void;
  close: () => void;
}

export function useCommandPalette(): PaletteState {
  const [{ opened, wanted }, set] = useState({ opened: false, wanted: false });
  const open = useCallback(() => set({ opened: true, wanted: true }), []);
  const close = useCallback(() => set({ opened: false, wanted: true }), []);
  useHotkeys([["mod+K", open]], []);
  return { opened, wanted, open, close };
}

interface CommandPaletteProps {
  state: PaletteState;
  projectId: number;
  projects: { id: number; name: string }[];
}

export function CommandPalette({ state, ...places }: CommandPaletteProps) {
  if (!state.wanted) return null;
  return (
    <Suspense>
      <Palette opened={state.opened} onClose={state.close} {...places} />
    </Suspense>
  );
}
