/** Around every page of a project: the rail (a bar at the foot on a phone), the command palette, the keys. */
import {
  IconBroadcast,
  IconLayoutDashboard,
  IconPlayerPlay,
  IconSearch,
  IconSettings,
  IconUsersGroup,
} from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { NavLink, useNavigation } from "react-router";
import type { FrameData } from "../routes/project.tsx";
import { CommandPalette, useCommandPalette } from "./command-palette.tsx";
import styles from "./frame.module.css";
import { HealthDot } from "./health-dot.tsx";
import { KeysHelp } from "./keys-help.tsx";
import { Mark } from "./mark.tsx";
import { PersonCorner } from "./person-corner.tsx";
import { ProjectSwitcher } from "./project-switcher.tsx";
import { useRenewal } from "./use-renewal.ts";

// Few projects come near a quota.
const QuotaNotice = lazy(() => import("./quota-notice.tsx"));

const PAGES = [
  { to: "sessions", label: "Sessions", icon: IconPlayerPlay },
  { to: "live", label: "Live", icon: IconBroadcast },
  { to: "people", label: "People", icon: IconUsersGroup },
  { to: "dashboards", label: "Dashboard", icon: IconLayoutDashboard },
  { to: "settings", label: "Settings", icon: IconSettings },
];

export function Frame({ children, ...frame }: FrameData & { children: ReactNode }) {
  useRenewal();
  const palette = useCommandPalette();
  const [helpOpen, setHelpOpen] = useState(false);
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#main">
        Skip to the page
      </a>
      <Going />
      <aside className={styles.rail}>
        <div className={styles.brand}>
          <Mark />
          <ProjectSwitcher projects={frame.projects} projectId={frame.projectId} />
        </div>
        <button type="button" className={styles.search} onClick={palette.open}>
          <IconSearch size={16} aria-hidden="true" />
          <span className={styles.label}>Search</span>
          <kbd className={styles.kbd}>⌘K</kbd>
        </button>
        <nav className={styles.nav} aria-label="Main">
          {PAGES.map(({ to, label, icon: Icon }) => (
            <NavLink key={to} to={`/projects/${frame.projectId}/${to}`} className={styles.link} title={label}>
              <Icon size={18} stroke={1.6} aria-hidden="true" />
              <span className={styles.label}>{label}</span>
            </NavLink>
          ))}
        </nav>
        <div className={styles.foot}>
          <HealthDot />
          <PersonCorner person={frame.person} onHelp={() => setHelpOpen(true)} />
        </div>
      </aside>
      <main id="main" className={styles.main} tabIndex={-1}>
        {frame.usage && frame.usage.warning !== "none" && (
          <Suspense>
            <QuotaNotice usage={frame.usage} />
          </Suspense>
        )}
        {children}
      </main>
      <CommandPalette state={palette} projectId={frame.projectId} projects={frame.projects} />
      <KeysHelp opened={helpOpen} setOpened={setHelpOpen} />
    </div>
  );
}

/** Another page was asked for and is not here yet. */
function Going() {
  const { state } = useNavigation();
  return <div className={styles.going} data-shown={state === "loading" || undefined} aria-hidden="true" />;
}
