import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { lazy, type Ref, Suspense, useCallback, useEffect, useState } from "react";
import { isTyping } from "../frame/keys.ts";
import styles from "./add-filter.module.css";

// Fetched when it is first opened.
const FilterMenu = lazy(() => import("./filter-menu.tsx"));

/** "+ Filter", also by F. */
export function AddFilter({ search }: { search: URLSearchParams }) {
  const [asked, setAsked] = useState(0);
  const ask = useCallback(() => setAsked((before) => before + 1), []);
  useOpeningKey(ask);
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

/** `F` opens the menu. */
function useOpeningKey(open: () => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "f" || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("[aria-modal=true]")) return;
      event.preventDefault();
      open();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [open]);
}
