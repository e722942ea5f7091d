import { Kbd, Modal } from "@mantine/core";
import { useMatches } from "react-router";
import type { Key, KeysHandle } from "./keys.ts";
import styles from "./keys-dialog.module.css";

interface KeysDialogProps {
  opened: boolean;
  onClose: () => void;
}

/** The keys of the page one is on, then those of what is around it. */
export default function KeysDialog({ opened, onClose }: KeysDialogProps) {
  const handles = useMatches().flatMap(({ handle }) => (isKeysHandle(handle) ? [handle] : []));
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" size="sm">
      {handles.reverse().map(({ title = "This page", keys }) => (
        <KeyList key={title} title={title} keys={keys} />
      ))}
    </Modal>
  );
}

function isKeysHandle(handle: unknown): handle is KeysHandle {
  return typeof handle === "object" && handle !== null && "keys" in handle;
}

function KeyList({ title, keys }: { title: string; keys: Key[] }) {
  return (
    <section className={styles.section}>
      <h3 className={styles.title}>{title}</h3>
      <dl className={styles.list}>
        {keys.map(({ keys: alike, does }) => (
          <div key={does} className={styles.row}>
            <dt>{does}</dt>
            <dd className={styles.keys}>
              {alike.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
