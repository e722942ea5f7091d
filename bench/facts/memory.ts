/** What the fold of a large page holds over hours: rows that come and go, texts and styles that change many times a second. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { DomFold } from "#core/facts/dom/fold.ts";
import type { Figure } from "../figure.ts";

const NODES = 20_000;
/** Four hours at ten mutations a second. */
const EVENTS = 4 * 3_600 * 10;
const QUARTERS = 4;
const GOAL = 1.2;
/** A row is an element with a text in a cell. */
const ROWS = NODES / 4;

export function memoryFigure(): Figure {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const heapMb = () => {
    collect();
    return process.memoryUsage().heapUsed / 2 ** 20;
  };
  const empty = heapMb();
  const fold = new DomFold();
  // As text, as events come: what is kept of one must not hold on to the whole of it.
  const apply = (event: object) => fold.apply(JSON.parse(JSON.stringify(event)));
  let id = 10;
  const row = (name: string) => {
    id += 4;
    const texts = [name, `price ${id}`].map((textContent, at) => ({ type: 3, textContent, id: id - at }));
    const cell = { type: 2, tagName: "td", attributes: { class: "cell" }, childNodes: [texts[1]], id: id - 2 };
    return { type: 2, tagName: "tr", attributes: { class: "row" }, childNodes: [texts[0], cell], id: id - 3 };
  };
  const rows = Array.from({ length: ROWS }, (_, at) => row(`row ${at}`));
  const table = { type: 2, tagName: "table", attributes: {}, childNodes: rows, id: 3 };
  apply({ type: 2, timestamp: 0, data: { node: { type: 0, id: 1, childNodes: [{ ...table, tagName: "html" }] } } });
  const ids = rows.map((one) => one.id);
  const heaps: number[] = [];
  for (let event = 0; event < EVENTS; event++) {
    const at = (event * 7_919) % ROWS;
    const [gone, other] = [ids[at] as number, ids[(at + 1) % ROWS] as number];
    const fresh = row(`row ${event}`);
    const [text, cell] = fresh.childNodes as [object, { id: number; childNodes: object[] }];
    ids[at] = fresh.id;
    const adds = [
      { parentId: 3, nextId: null, node: { ...fresh, childNodes: [] } },
      { parentId: fresh.id, nextId: null, node: text },
      { parentId: fresh.id, nextId: null, node: { ...cell, childNodes: [] } },
      { parentId: cell.id, nextId: null, node: cell.childNodes[0] },
    ];
    const style = { left: `${event % 900}px`, [`--x${event % 7}`]: `${event}` };
    apply({
      type: 3,
      timestamp: event * 100,
      data: {
        source: 0,
        removes: [{ parentId: 3, id: gone }],
        adds,
        texts: [{ id: other + 3, value: `text ${event}` }],
        attributes: [{ id: other, attributes: { style, "data-n": `${event}` } }],
      },
    });
    if ((event + 1) % (EVENTS / QUARTERS) === 0) heaps.push(heapMb() - empty);
  }
  return {
    bench: "facts.memory",
    ratio: (heaps[3] ?? Number.NaN) / (heaps[0] ?? Number.NaN),
    goal: GOAL,
    better: "lower",
    detail: `heap of the fold of a page of ${NODES} nodes after each quarter of ${EVENTS} mutations: ${heaps.map((mb) => mb.toFixed(1)).join(", ")} MB; ${fold.size} nodes at the end`,
  };
}
