import type { ReactNode } from "react";
import { Nothing } from "./section.tsx";
import styles from "./table.module.css";

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ReactNode;
  /** A phone does without it. */
  isMinor?: true;
  /** What it shows stands under each other as figures do. */
  isFigure?: true;
}

interface TableProps<Row> {
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Said in its place where it has no row. */
  nothing?: ReactNode;
  /** It holds no more. */
  isOver?: (row: Row) => boolean;
  /** What can be done with a row. */
  actions?: (row: Row) => ReactNode;
}

/** What a settings page lists. */
export function Table<Row>({ columns, rows, keyOf, nothing, isOver, actions }: TableProps<Row>) {
  if (rows.length === 0 && nothing !== undefined) return <Nothing>{nothing}</Nothing>;
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.title} className={classOf(column)}>
              {column.title}
            </th>
          ))}
          {actions && (
            <th>
              <span className="rr-hidden">Change</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} data-over={isOver?.(row) || undefined}>
            {columns.map((column) => (
              <td key={column.title} className={classOf(column)}>
                {column.cell(row)}
              </td>
            ))}
            {actions && (
              <td>
                <div className={styles.actions}>{actions(row)}</div>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A dimmer line below what a cell says first. */
export function Below({ children }: { children: ReactNode }) {
  return <span className={styles.below}>{children}</span>;
}

function classOf({ isMinor, isFigure }: Pick<Column<never>, "isMinor" | "isFigure">): string {
  return [isMinor && styles.minor, isFigure && styles.figure].filter(Boolean).join(" ");
}
