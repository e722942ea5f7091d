import { useDocumentVisibility, useInterval } from "@mantine/hooks";
import { useEffect } from "react";
import { useRevalidator } from "react-router";

const EVERY_MS = 3_000;

/** Asks for the page's data again and again while something is under way and somebody looks. */
export function useAgainWhile(underWay: boolean): void {
  const { revalidate } = useRevalidator();
  const visible = useDocumentVisibility() === "visible";
  const { start, stop } = useInterval(() => void revalidate(), EVERY_MS);
  useEffect(() => {
    if (!underWay || !visible) return;
    start();
    return stop;
  }, [underWay, visible, start, stop]);
}
