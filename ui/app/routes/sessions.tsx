import { Link, redirect, useLocation, useNavigation, useSearchParams } from "react-router";
import { answer, apiClient } from "../api.server.ts";
import { PageHeader } from "../components/page-header.tsx";
import { PeriodPicker } from "../components/period-picker.tsx";
import { counted } from "../format/duration.ts";
import type { KeysHandle } from "../frame/keys.ts";
import { periodOf } from "../period.ts";
import { DemoStrip } from "../sessions/demo-strip.tsx";
import { FilterBar } from "../sessions/filter-bar.tsx";
import { chipsOf, sessionsQuery } from "../sessions/filters.ts";
import { NoSessions } from "../sessions/no-sessions.tsx";
import { SessionList } from "../sessions/session-list.tsx";
import { SkeletonRows } from "../sessions/skeleton-rows.tsx";
import type { Route } from "./+types/sessions";
import { useFrame } from "./project.tsx";
import styles from "./sessions.module.css";

const PAGE_SIZE = "50";

export const meta: Route.MetaFunction = () => [{ title: "Sessions · rrHog" }];

export const handle: KeysHandle = {
  keys: [
    { keys: ["↑", "↓"], does: "Previous, next session" },
    { keys: ["Enter"], does: "Watch it" },
  ],
};

/** A page of sessions, newest first, as the address filters them. */
export async function loader(args: Route.LoaderArgs) {
  const { pathname, searchParams: search } = new URL(args.request.url);
  // A form sends its empty fields as well; an address to keep and share has none.
  if ([...search.values()].includes("")) throw redirect(`${pathname}?${withoutEmpty(search)}`);
  const sessions = apiClient(args).v1.projects[":project_id"].sessions;
  const param = { project_id: args.params.projectId };
  const page = await answer(
    sessions.$get({ param, query: { ...sessionsQuery(search, Date.now()), limit: PAGE_SIZE } }),
    args,
  );
  if (page.sessions.length > 0 || search.has("cursor")) return { ...page, newest: null };
  // An empty list helps only if it knows whether nothing was recorded, or nothing matches.
  const any = await answer(sessions.$get({ param, query: { limit: "1" } }), args);
  return { ...page, newest: any.sessions[0]?.started_at ?? null };
}

function withoutEmpty(search: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...search].filter(([, value]) => value !== ""));
}

export type SessionRow = Awaited<ReturnType<typeof loader>>["sessions"][number];

export default function Sessions({ loaderData }: Route.ComponentProps) {
  const { projectId, demo, edgeUrl } = useFrame();
  const [search] = useSearchParams();
  const refiltering = useRefiltering();
  const { sessions, next_cursor, newest, hidden } = loaderData;
  return (
    <>
      <PageHeader title="Sessions">
        <PeriodPicker search={search} />
        <FilterBar search={search} />
        <Hidden counts={hidden} search={search} />
        {sessions.length > 0 && !search.has("cursor") && (
          <span className={styles.count}>
            {next_cursor ? `more than ${sessions.length} sessions` : counted(sessions.length, "session")}
          </span>
        )}
      </PageHeader>
      {demo?.shopUrl && <DemoStrip shopUrl={demo.shopUrl} />}
      {refiltering && <SkeletonRows />}
      {!refiltering && sessions.length > 0 && (
        <SessionList key={`${search}`} projectId={projectId} sessions={sessions} nextCursor={next_cursor} />
      )}
      {!refiltering && sessions.length === 0 && (
        <NoSessions
          newest={newest}
          period={periodOf(search)}
          chips={chipsOf(search)}
          search={search}
          edgeUrl={edgeUrl}
          demo={demo}
        />
      )}
    </>
  );
}

/** What the list leaves out, and the way to see it. */
function Hidden({
  counts,
  search,
}: {
  counts: { bots: number; internal: number } | undefined;
  search: URLSearchParams;
}) {
  const { bots = 0, internal = 0 } = counts ?? {};
  if (bots + internal === 0) return null;
  const all = new URLSearchParams(search);
  all.set("hidden", "include");
  const words = [bots > 0 && counted(bots, "bot"), internal > 0 && counted(internal, "own visit")].filter(Boolean);
  return (
    <Link to={`?${all}`} className={styles.hidden} title="Show them too">
      {words.join(", ")} hidden
    </Link>
  );
}

/** Whether this same list is being asked for with other filters. */
function useRefiltering(): boolean {
  const { location: target } = useNavigation();
  const { pathname, search } = useLocation();
  return target !== undefined && target.pathname === pathname && target.search !== search;
}
