/** The filters in force as chips, and the menu that adds one. All of it stands in the address. */
import { IconX } from "@tabler/icons-react";
import { Link } from "react-router";
import { AddFilter } from "./add-filter.tsx";
import styles from "./filter-bar.module.css";
import { type FilterChip, withoutFilters } from "./filters.ts";

export function FilterBar({ chips, search }: { chips: FilterChip[]; search: URLSearchParams }) {
  return (
    <div className={styles.bar}>
      {chips.map(({ words, without }) => (
        <Link key={words} to={without} className={styles.chip} aria-label={`Remove the filter: ${words}`}>
          <span className={styles.words}>{words}</span>
          <IconX size={13} aria-hidden="true" />
        </Link>
      ))}
      <AddFilter search={search} />
      {chips.length > 1 && (
        <Link to={withoutFilters(search)} className={styles.clear}>
          Clear
        </Link>
      )}
    </div>
  );
}
