/** The line that says what was done, at the foot of the page for some seconds. Read out as well. */
import { useTimeout } from "@mantine/hooks";
import { createContext, type ReactNode, use, useCallback, useState } from "react";
import styles from "./said.module.css";

const SHOWN_MS = 5_000;

const SayContext = createContext<(words: string) => void>(() => {});

/** Says what was done. */
export function useSay(): (words: string) => void {
  return use(SayContext);
}

export function SaidProvider({ children }: { children: ReactNode }) {
  const [words, setWords] = useState("");
  const { start } = useTimeout(() => setWords(""), SHOWN_MS);
  const say = useCallback(
    (said: string) => {
      setWords(said);
      start();
    },
    [start],
  );
  return (
    <SayContext value={say}>
      {children}
      <p className={styles.said} role="status" data-shown={words !== "" || undefined}>
        {words}
      </p>
    </SayContext>
  );
}
