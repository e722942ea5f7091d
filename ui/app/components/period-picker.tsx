import { Link } from "react-router";
import { PERIODS, periodOf, withPeriod } from "../period.ts";
import styles from "./period-picker.module.css";

interface PeriodPickerProps {
  search: URLSearchParams;
  /** The address looks at another span of time than any of these. */
  other?: boolean;
}

/** How far back to look, as links: the choice is in the address. */
export function PeriodPicker({ search, other = false }: PeriodPickerProps) {
  const current = periodOf(search);
  return (
    <nav className={styles.picker} aria-label="Period">
      {PERIODS.map(({ id, label, words }) => (
        <Link
          key={id}
          to={withPeriod(search, id, other)}
          className={styles.choice}
          aria-current={!other && id === current.id ? "true" : undefined}
          title={words}
          preventScrollReset
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
