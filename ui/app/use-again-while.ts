import { useCallback } from "react";
import { useRevalidator } from "react-router";
import { useWhileVisible } from "./use-while-visible.ts";

const EVERY_MS = 3_000;

/** Asks for the page's data again and again while something is under way and somebody looks. */
export function useAgainWhile(underWay: boolean): void {
  const { revalidate } = useRevalidator();
  useWhileVisible(
    useCallback(() => void revalidate(), [revalidate]),
    { everyMs: EVERY_MS, off: !underWay },
  );
}
