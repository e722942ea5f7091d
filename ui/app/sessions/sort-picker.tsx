import { NativeSelect } from "@mantine/core";
import { useNavigate } from "react-router";
import { SORTS, sortOf, withSort } from "./filters.ts";
import styles from "./sort-picker.module.css";

/** The order of the list, in the address. */
export function SortPicker({ search }: { search: URLSearchParams }) {
  const navigate = useNavigate();
  return (
    <NativeSelect
      size="xs"
      variant="unstyled"
      aria-label="Order of the list"
      className={styles.sort}
      value={sortOf(search)}
      data={[...SORTS]}
      onChange={({ currentTarget }) => {
        const chosen = SORTS.find(({ value }) => value === currentTarget.value);
        if (chosen) void navigate(withSort(search, chosen.value));
      }}
    />
  );
}
