import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import styles from "./copyable.module.css";

/** Lines to be copied, whole. */
export function CopyableCode({ code, label }: { code: string; label: string }) {
  return (
    <div className={styles.code}>
      <code>{code}</code>
      <Copy value={code} label={label} />
    </div>
  );
}

/** Anything that looks like an id, with its button. */
export function CopyableId({ id }: { id: string }) {
  return (
    <span className={styles.id}>
      <code>{id}</code>
      <Copy value={id} label="Copy the id" />
    </span>
  );
}

interface CopyProps {
  value: string;
  label: string;
  /** What is copied, if it is not what stands beside the button. */
  icon?: typeof IconCopy;
}

export function Copy({ value, label, icon: Icon = IconCopy }: CopyProps) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : label}>
          <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={copied ? "Copied" : label}>
            {copied ? <IconCheck size={15} /> : <Icon size={15} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
