/** A panel that lists: a search in its rows, their kinds, the rows in step with the playhead, and all of the one that is chosen. */
import { type ReactNode, useDeferredValue, useMemo, useState } from "react";
import { EmptyPanel } from "./empty-panel.tsx";
import { FollowingList, type FollowingListProps, type Listed } from "./following-list.tsx";
import styles from "./list-panel.module.css";
import { PanelTools } from "./panel-tools.tsx";

export interface ListKind<Item> {
  kind: string;
  label: string;
  holds(item: Item): boolean;
}

interface ListPanelProps<Item> extends Omit<FollowingListProps<Item>, "onChoose"> {
  /** What the search is called. */
  search: string;
  /** What the search looks in. */
  words(item: Item): string;
  /** Those of which there is nothing are not shown. */
  kinds?: readonly ListKind<Item>[];
  /** Chosen to begin with, where there is something of it. */
  firstKind?: string;
  /** What is listed while no kind is chosen; everything, where it is left out. */
  unchosen?(item: Item): boolean;
  detail?(item: Item, onClose: () => void): ReactNode;
}

export function ListPanel<Item extends Listed>({
  search,
  words,
  kinds = [],
  firstKind,
  unchosen = everything,
  detail,
  items,
  ...list
}: ListPanelProps<Item>) {
  const [query, setQuery] = useState("");
  const text = useDeferredValue(query.trim().toLowerCase());
  const [chosen, setChosen] = useState<Item | null>(null);
  const counted = useMemo(
    () =>
      kinds
        .map(({ kind, label, holds }) => ({ kind, label, count: items.filter(holds).length }))
        .filter(({ count }) => count > 0),
    [kinds, items],
  );
  const [kind, setKind] = useState(counted.find(({ kind }) => kind === firstKind)?.kind ?? null);
  const holds = kinds.find((one) => one.kind === kind)?.holds ?? unchosen;
  const shown = useMemo(
    () => items.filter((item) => holds(item) && words(item).toLowerCase().includes(text)),
    [items, holds, words, text],
  );
  return (
    <div className={styles.panel}>
      <PanelTools
        label={search}
        query={query}
        onQuery={setQuery}
        kinds={counted}
        chosen={kind}
        onChoose={(one) => setKind(one === kind ? null : one)}
      />
      {shown.length > 0 ? (
        <FollowingList<Item> {...list} items={shown} onChoose={setChosen} />
      ) : (
        <EmptyPanel
          title="Nothing matches"
          words={text === "" ? "There is nothing of this kind." : `Nothing here says “${query.trim()}”.`}
        />
      )}
      {chosen && detail?.(chosen, () => setChosen(null))}
    </div>
  );
}

const everything = () => true;
