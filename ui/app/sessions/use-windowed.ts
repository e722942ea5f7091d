/** Of very many rows only those near the viewport are in the page. They lie in its own flow, between two paddings. */
import { type RefObject, useLayoutEffect, useState } from "react";

/** Rows beside those that are seen. The rendered ones change in steps of half of it, not with each row. */
const ROWS_BESIDE = 16;

// Of a line on a desktop, until one was measured. Kept, so that a list one comes back to is as high as it was.
let rowPx = 45;

/**
 * Which rows to render, all of them equally high, and the paddings for the others.
 * @param firstRows those that a page begins with, since a server has no viewport
 */
export function useWindowed(list: RefObject<HTMLElement | null>, count: number, firstRows: number) {
  const [{ from, to }, setRange] = useState({ from: 0, to: firstRows });
  useLayoutEffect(() => {
    const look = () => {
      const row = list.current?.firstElementChild;
      if (!list.current || !row) return;
      rowPx = row.getBoundingClientRect().height || rowPx;
      const { top } = list.current.getBoundingClientRect();
      const from = stepBelow(-top / rowPx) - ROWS_BESIDE;
      const to = stepBelow((window.innerHeight - top) / rowPx) + 2 * ROWS_BESIDE;
      setRange((before) => (before.from === from && before.to === to ? before : { from, to }));
    };
    look();
    window.addEventListener("scroll", look, { passive: true });
    window.addEventListener("resize", look);
    return () => {
      window.removeEventListener("scroll", look);
      window.removeEventListener("resize", look);
    };
  }, [list]);
  const first = Math.min(Math.max(0, from), Math.max(0, count - 1));
  const end = Math.min(Math.max(to, first + 1), count);
  return { first, end, padding: { paddingTop: first * rowPx, paddingBottom: (count - end) * rowPx } };
}

function stepBelow(rows: number): number {
  const step = ROWS_BESIDE / 2;
  return Math.floor(rows / step) * step;
}
