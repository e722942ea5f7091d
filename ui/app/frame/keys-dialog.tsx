import { Kbd, Modal } from "@mantine/core";
import { useMatches } from "react-router";
import { FRAME_KEYS, type Key, type KeysHandle } from "./keys.ts";
import styles from "./keys-dialog.module.css";

interface KeysDialogProps {
  opened: boolean;
  onClose: () => void;
}

/** The keys of the page one is on, and those of every page. */
export default function KeysDialog({ opened, onClose }: KeysDialogProps) {
  const pageKeys = useMatches().flatMap(({ handle }) => (handle as Partial<KeysHandle> | undefined)?.keys ?? []);
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" size="sm">
      {pageKeys.length > 0 && <KeyList title="This page" keys={pageKeys} />}
      <KeyList title="Everywhere" keys={FRAME_KEYS} />
    </Modal>
  );
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
