import { Link } from "react-router";
import { PERIODS, periodOf, withPeriod } from "../period.ts";
import styles from "./period-picker.module.css";

/** How far back to look, as links: the choice is in the address. */
export function PeriodPicker({ search }: { search: URLSearchParams }) {
  const current = periodOf(search);
  return (
    <nav className={styles.picker} aria-label="Period">
      {PERIODS.map(({ id, label, words }) => (
        <Link
          key={id}
          to={withPeriod(search, id)}
          className={styles.choice}
          aria-current={id === current.id ? "true" : undefined}
          title={words}
          preventScrollReset
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
