/** The dot at the rail's foot: asks the parts how they are, now and while the page is looked at. */
import { Code, Popover } from "@mantine/core";
import { useCallback, useState } from "react";
import { useFetcher } from "react-router";
import type { loader } from "../routes/system-health.ts";
import { useWhileVisible } from "../use-while-visible.ts";
import { healthInWords, overall, type PartHealth } from "./health.ts";
import styles from "./health-dot.module.css";

const EVERY_MS = 15_000;

export function HealthDot() {
  const { data, load } = useFetcher<typeof loader>({ key: "system-health" });
  const [opened, setOpened] = useState(false);
  const ask = useCallback(() => void load("/system-health"), [load]);
  useWhileVisible(ask, { everyMs: EVERY_MS, atOnce: true });

  const status = data ? overall(data.parts) : "unknown";
  const words = data ? healthInWords(data.parts) : "Asking how the parts are";
  return (
    <Popover position="right-end" width={270} shadow="md" opened={opened} onChange={setOpened}>
      <Popover.Target>
        <button
          type="button"
          className={styles.button}
          onClick={() => setOpened(!opened)}
          onKeyDown={({ key }) => key === "Escape" && setOpened(false)}
        >
          <span className={styles.dot} data-status={status} />
          <span className={styles.words}>
            <span className="rr-hidden">System health: </span>
            {words}
          </span>
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.dropdown}>
        <ul className={styles.parts}>
          {data?.parts.map((part) => (
            <Part key={part.part} {...part} />
          ))}
        </ul>
        {status !== "ok" && status !== "unknown" && (
          <p className={styles.advice}>
            <Code>npm run doctor</Code> says what to do.
          </p>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function Part({ part, status, says, tookMs }: PartHealth) {
  return (
    <li className={styles.part}>
      <span className={styles.dot} data-status={status} />
      <span>{part}</span>
      <span className={styles.says}>{says || `${tookMs} ms`}</span>
    </li>
  );
}
