import { Kbd, Modal } from "@mantine/core";
import { useEffect } from "react";
import { useMatches } from "react-router";
import { FRAME_KEYS, isTyping, type Key, type KeysHandle } from "./keys.ts";
import styles from "./keys-help.module.css";

interface KeysHelpProps {
  opened: boolean;
  setOpened: (opened: boolean) => void;
}

/** `?` shows the keys of the page one is on. */
export function KeysHelp({ opened, setOpened }: KeysHelpProps) {
  const matches = useMatches();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "?" && !isTyping(event.target)) setOpened(true);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [setOpened]);

  const pageKeys = matches.flatMap(({ handle }) => (handle as Partial<KeysHandle> | undefined)?.keys ?? []);
  return (
    <Modal opened={opened} onClose={() => setOpened(false)} title="Keys" size="sm">
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
