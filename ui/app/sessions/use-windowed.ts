/** Of very many rows only those near the viewport are in the page. They lie in its own flow, between two paddings. */
import { type RefObject, useLayoutEffect, useRef, useState } from "react";
import { type Rows, toward } from "./rows.ts";

/** Rows above what is seen; below it twice as many. The rendered ones change in steps of half of it, not with each row. */
const ROWS_BESIDE = 16;
const ROWS_BELOW = 2 * ROWS_BESIDE;

// Of a line on a desktop, until one was measured. Kept, so that a list one comes back to is as high as it was.
let rowPx = 45;

/**
 * Which rows to render, all of them equally high, and the paddings for the others; how many are `below` what is seen.
 * @param firstRows those that a page begins with, since a server has no viewport
 */
export function useWindowed(list: RefObject<HTMLElement | null>, count: number, firstRows: number) {
  const shown = useRef<Rows>({ from: 0, to: firstRows });
  const [{ rows, seenTo }, setWindow] = useState({ rows: shown.current, seenTo: 0 });
  useLayoutEffect(() => {
    let frame = 0;
    const look = () => {
      cancelAnimationFrame(frame);
      const row = list.current?.firstElementChild;
      if (!list.current || !row) return;
      rowPx = row.getBoundingClientRect().height || rowPx;
      const { top } = list.current.getBoundingClientRect();
      const seen = {
        from: Math.min(Math.max(0, stepBelow(-top / rowPx)), Math.max(0, count - 1)),
        to: stepBelow((window.innerHeight - top) / rowPx),
      };
      const wanted = {
        from: Math.max(0, seen.from - ROWS_BESIDE),
        to: Math.max(seen.from, Math.min(seen.to + ROWS_BELOW, count)),
      };
      const rows = toward(shown.current, wanted, seen.from);
      if (rows !== shown.current) frame = requestAnimationFrame(look);
      shown.current = rows;
      setWindow((before) => (before.rows === rows && before.seenTo === seen.to ? before : { rows, seenTo: seen.to }));
    };
    look();
    window.addEventListener("scroll", look, { passive: true });
    window.addEventListener("resize", look);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("scroll", look);
      window.removeEventListener("resize", look);
    };
  }, [list, count]);
  const first = Math.min(rows.from, Math.max(0, count - 1));
  const end = Math.min(rows.to, count);
  const padding = { paddingTop: first * rowPx, paddingBottom: (count - end) * rowPx };
  return { first, end, below: count - seenTo, padding };
}

function stepBelow(rows: number): number {
  const step = ROWS_BESIDE / 2;
  return Math.floor(rows / step) * step;
}
