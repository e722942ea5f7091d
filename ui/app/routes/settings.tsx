import { type ReactNode, useEffect, useRef } from "react";
import { NavLink, Outlet, useLocation, useNavigation } from "react-router";
import { Failure } from "../components/failure.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { mayManage } from "../roles.ts";
import { pagesFor } from "../settings/pages.ts";
import { SaidProvider } from "../settings/said.tsx";
import type { Route } from "./+types/settings";
import { useFrame } from "./project.tsx";
import styles from "./settings.module.css";

/** Around every page of a project's settings: its tabs, by what the person may do. */
export default function Settings() {
  return (
    <Around>
      <Outlet />
    </Around>
  );
}

export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  return (
    <Around>
      <Failure error={error} />
    </Around>
  );
}

function Around({ children }: { children: ReactNode }) {
  const { projectId, role } = useFrame();
  const { state, formMethod } = useNavigation();
  const { pathname } = useLocation();
  const tabs = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a phone the tab of each page is brought into sight
  useEffect(() => {
    tabs.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname]);
  return (
    <SaidProvider>
      <PageHeader title="Settings">
        <nav ref={tabs} className={styles.tabs} aria-label="Settings">
          {pagesFor(role).map(({ to, label }) => (
            <NavLink key={to} to={`/projects/${projectId}/settings/${to}`} className={styles.tab}>
              {label}
            </NavLink>
          ))}
        </nav>
      </PageHeader>
      {role !== null && !mayManage(role) && (
        <p className={styles.note}>You are a {role} here: owners and admins change these settings.</p>
      )}
      <div className={styles.body} data-waiting={(state === "loading" && !formMethod) || undefined}>
        {children}
      </div>
    </SaidProvider>
  );
}
