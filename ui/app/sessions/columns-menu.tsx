import { Button, Checkbox, Popover } from "@mantine/core";
import { IconColumns3 } from "@tabler/icons-react";
import { COLUMNS, type ColumnId, USUAL_COLUMNS } from "./columns.ts";
import styles from "./columns-menu.module.css";

interface ColumnsMenuProps {
  columns: readonly ColumnId[];
  choose: (columns: readonly ColumnId[]) => void;
}

/** Which columns the list has; on a phone it has its own. */
export function ColumnsMenu({ columns, choose }: ColumnsMenuProps) {
  return (
    <Popover position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <Button
          size="xs"
          variant="subtle"
          color="gray"
          className={styles.button}
          leftSection={<IconColumns3 size={14} aria-hidden="true" />}
        >
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns of the list">
        <Checkbox.Group value={[...columns]} onChange={(ids) => choose(ids as ColumnId[])} aria-label="Columns">
          {COLUMNS.map(({ id, label }) => (
            <Checkbox key={id} value={id} label={label} size="xs" className={styles.column} />
          ))}
        </Checkbox.Group>
        <Button size="compact-xs" variant="subtle" onClick={() => choose(USUAL_COLUMNS)}>
          The usual ones
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}
