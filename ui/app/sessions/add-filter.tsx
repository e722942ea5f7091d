import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { lazy, type Ref, Suspense, useCallback, useMemo, useState } from "react";
import { usePageKeys } from "../frame/use-page-keys.ts";
import styles from "./add-filter.module.css";

// Fetched when it is first opened.
const FilterMenu = lazy(() => import("./filter-menu.tsx"));

/** "+ Filter", also by F. */
export function AddFilter({ search }: { search: URLSearchParams }) {
  const [asked, setAsked] = useState(0);
  const ask = useCallback(() => setAsked((before) => before + 1), []);
  usePageKeys(useMemo(() => new Map([["f", ask]]), [ask]));
  const button = <AddFilterButton onClick={ask} />;
  if (asked === 0) return button;
  return (
    <Suspense fallback={button}>
      <FilterMenu search={search} asked={asked} />
    </Suspense>
  );
}

export function AddFilterButton({ ref, onClick }: { ref?: Ref<HTMLButtonElement>; onClick: () => void }) {
  return (
    <Button
      ref={ref}
      size="xs"
      variant="default"
      className={styles.button}
      leftSection={<IconPlus size={14} aria-hidden="true" />}
      onClick={onClick}
    >
      Filter
    </Button>
  );
}
