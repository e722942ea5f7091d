import { Tabs } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./side-panel.module.css";

export interface PanelTab {
  id: string;
  label: string;
  /** Null where it is not known, or says nothing. */
  count: number | null;
  panel: ReactNode;
}

interface SidePanelProps {
  tabs: readonly PanelTab[];
  shown: string;
  onShow(id: string): void;
}

/** Beside the stage: what happened, what the page said and asked for, what people noted, and the facts of the session. */
export function SidePanel({ tabs, shown, onShow }: SidePanelProps) {
  return (
    <aside className={styles.panel} aria-label="About this session">
      <Tabs
        value={shown}
        onChange={(id) => id && onShow(id)}
        classNames={{ root: styles.tabs, list: styles.list, panel: styles.body, tab: styles.tab }}
        keepMounted={false}
      >
        <Tabs.List>
          {tabs.map(({ id, label, count }) => (
            <Tabs.Tab key={id} value={id}>
              {label} {count !== null && count > 0 && <span className={styles.count}>{count}</span>}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map(({ id, panel }) => (
          <Tabs.Panel key={id} value={id}>
            {panel}
          </Tabs.Panel>
        ))}
      </Tabs>
    </aside>
  );
}
