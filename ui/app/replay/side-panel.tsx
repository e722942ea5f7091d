import { Tabs } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./side-panel.module.css";

interface SidePanelProps {
  /** Null where the timeline could not be had. */
  eventCount: number | null;
  events: ReactNode;
  info: ReactNode;
}

/** Beside the stage: what happened, and the facts of the session. */
export function SidePanel({ eventCount, events, info }: SidePanelProps) {
  return (
    <aside className={styles.panel} aria-label="About this session">
      <Tabs
        defaultValue="events"
        classNames={{ root: styles.tabs, panel: styles.body, tab: styles.tab }}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="events">
            Events {eventCount !== null && <span className={styles.count}>{eventCount}</span>}
          </Tabs.Tab>
          <Tabs.Tab value="info">Info</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="events">{events}</Tabs.Panel>
        <Tabs.Panel value="info">{info}</Tabs.Panel>
      </Tabs>
    </aside>
  );
}
