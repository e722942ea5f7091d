/** Above a panel's lines: a search in them, and their kinds. */
import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import styles from "./panel-tools.module.css";

interface PanelToolsProps {
  /** What the search is called. */
  label: string;
  query: string;
  onQuery(query: string): void;
  /** Nothing is shown of a single one. */
  kinds: readonly { kind: string; label: string; count: number }[];
  chosen: string | null;
  /** The one that is chosen may be chosen again. */
  onChoose(kind: string): void;
}

export function PanelTools({ label, query, onQuery, kinds, chosen, onChoose }: PanelToolsProps) {
  return (
    <div className={styles.tools}>
      <TextInput
        size="xs"
        value={query}
        onChange={(event) => onQuery(event.currentTarget.value)}
        placeholder={label}
        aria-label={label}
        leftSection={<IconSearch size={14} />}
      />
      {kinds.length > 1 && (
        <div className={styles.kinds}>
          {kinds.map(({ kind, label, count }) => (
            <button
              type="button"
              key={kind}
              className={styles.kind}
              aria-pressed={kind === chosen}
              onClick={() => onChoose(kind)}
            >
              {label} <span className={styles.count}>{count}</span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
