import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./header-button.module.css";

interface HeaderButtonProps {
  icon: ReactNode;
  words: string;
  disabled: boolean;
  onClick: () => void;
}

/** What can be done with the session, in its header. */
export function HeaderButton({ icon, words, ...button }: HeaderButtonProps) {
  return (
    <Button variant="default" size="xs" className={styles.button} leftSection={icon} {...button}>
      <span className={styles.words}>{words}</span>
    </Button>
  );
}
