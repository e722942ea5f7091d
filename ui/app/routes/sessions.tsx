import { IconArrowUp } from "@tabler/icons-react";
import { useState } from "react";
import {
  Link,
  redirect,
  type ShouldRevalidateFunctionArgs,
  useLocation,
  useNavigation,
  useRevalidator,
  useSearchParams,
} from "react-router";
import { type Asked, answer, answerOrNull, apiClient } from "../api.server.ts";
import { PageHeader } from "../components/page-header.tsx";
import { PeriodPicker } from "../components/period-picker.tsx";
import { SkeletonRows } from "../components/skeleton-rows.tsx";
import { counted } from "../format/duration.ts";
import type { KeysHandle } from "../frame/keys.ts";
import { periodOf } from "../period.ts";
import { withSearch } from "../search.ts";
import { chosenColumns, keepColumns } from "../sessions/columns.ts";
import { ColumnsMenu } from "../sessions/columns-menu.tsx";
import { DemoStrip } from "../sessions/demo-strip.tsx";
import { FilterBar } from "../sessions/filter-bar.tsx";
import { chipsOf, filtersOf, sessionsQuery, sortOf, spanOf } from "../sessions/filters.ts";
import { ListCount } from "../sessions/list-count.tsx";
import { NoSessions } from "../sessions/no-sessions.tsx";
import { SavedMenu } from "../sessions/saved-menu.tsx";
import { SessionList } from "../sessions/session-list.tsx";
import { SortPicker } from "../sessions/sort-picker.tsx";
import { LIST_KEYS } from "../sessions/use-list-keys.ts";
import { useLive } from "../sessions/use-live.ts";
import type { Route } from "./+types/sessions";
import { useFrame } from "./project.tsx";
import styles from "./sessions.module.css";

const PAGE_SIZE = "50";

export const meta: Route.MetaFunction = () => [{ title: "Sessions · rrHog" }];

export const handle: KeysHandle = { keys: [...LIST_KEYS, { keys: ["F"], does: "Add a filter" }] };

/** A page of sessions as the address filters and orders them; with the first of them which are in progress. */
export async function loader(args: Route.LoaderArgs) {
  const { searchParams: search } = new URL(args.request.url);
  if (search.get("cursor") === "") throw redirect("?");
  const { projectId } = args.params;
  const sessions = apiClient(args).v1.projects[":project_id"].sessions;
  const param = { project_id: projectId };
  const isFirst = !search.has("cursor");
  const [page, live, collections] = await Promise.all([
    answer(sessions.$get({ param, query: { ...sessionsQuery(search, Date.now()), limit: PAGE_SIZE } }), args),
    isFirst ? liveSessions(args, projectId) : [],
    collectionNames(args, projectId, search),
  ]);
  const liveIds = live.map(({ session_id }) => session_id);
  const columns = chosenColumns(args.request.headers.get("cookie"));
  const onTop = isWhole(search) ? live.map((session) => ({ ...session, watched_by_me: false })) : [];
  if (page.sessions.length > 0 || onTop.length > 0 || !isFirst) {
    // One that is on this page stands where it belongs by its start, with what the list knows of it.
    const known = new Map(page.sessions.map((session) => [session.session_id, session]));
    const top = onTop.map((session) => known.get(session.session_id) ?? session);
    const rest = page.sessions.filter(({ session_id }) => !top.some((session) => session.session_id === session_id));
    return { ...page, sessions: [...top, ...rest], columns, liveIds, collections, newest: null };
  }
  // An empty list helps only if it knows whether nothing was recorded, or nothing matches.
  const newest = await answer(sessions.$get({ param, query: { limit: "1" } }), args);
  return { ...page, columns, liveIds, collections, newest: newest.sessions[0]?.started_at ?? null };
}

/** Whether the list is of everything, newest first: there the sessions in progress stand on top. */
function isWhole(search: URLSearchParams): boolean {
  return filtersOf(search).length === 0 && sortOf(search) === "newest" && !search.has("cursor");
}

async function liveSessions(args: Asked, projectId: string) {
  const { live } = apiClient(args).v1.projects[":project_id"];
  const told = await answerOrNull(live.$get({ param: { project_id: projectId }, query: {} }), args);
  return told?.sessions ?? [];
}

/** What the chips call a collection, by its id. */
async function collectionNames(args: Asked, projectId: string, search: URLSearchParams) {
  const id = filtersOf(search).find(({ kind }) => kind.name === "collection")?.value;
  if (!id) return {};
  const one = apiClient(args).v1.projects[":project_id"].collections[":collection_id"];
  const told = await answerOrNull(one.$get({ param: { project_id: projectId, collection_id: id } }), args);
  return told ? { [id]: told.name } : {};
}

/** What becomes of selected sessions is said over the list, which stays as it is until that was read. */
export function shouldRevalidate({ formAction, defaultShouldRevalidate }: ShouldRevalidateFunctionArgs): boolean {
  return formAction?.endsWith("/sessions/bulk") ? false : defaultShouldRevalidate;
}

export type SessionRow = Awaited<ReturnType<typeof loader>>["sessions"][number];

export default function Sessions({ loaderData }: Route.ComponentProps) {
  const { projectId, demo } = useFrame();
  const [search] = useSearchParams();
  const refiltering = useRefiltering();
  const { sessions, next_cursor, newest, hidden, liveIds, collections } = loaderData;
  const live = useLive(projectId, liveIds);
  const [columns, setColumns] = useState(loaderData.columns);
  const chips = chipsOf(search, collections);
  return (
    <>
      <PageHeader title="Sessions">
        <PeriodPicker search={search} other={spanOf(search) !== "period"} />
        <FilterBar chips={chips} search={search} />
        <SavedMenu search={search} />
        <Hidden counts={hidden} search={search} />
        {sessions.length > 0 && (
          <div className={styles.view}>
            <ListCount key={`${search}`} shown={sessions.length} hasMore={next_cursor !== null} search={search} />
            <ColumnsMenu
              columns={columns}
              choose={(chosen) => {
                setColumns(chosen);
                keepColumns(chosen);
              }}
            />
            <SortPicker search={search} />
          </div>
        )}
      </PageHeader>
      {demo?.shopUrl && <DemoStrip projectId={projectId} shopUrl={demo.shopUrl} />}
      {!refiltering && isWhole(search) && <NewOnes live={live} sessions={sessions} />}
      {refiltering && <SkeletonRows of="sessions" />}
      {!refiltering && sessions.length > 0 && (
        <SessionList
          key={`${search}`}
          projectId={projectId}
          sessions={sessions}
          nextCursor={next_cursor}
          live={live}
          columns={columns}
        />
      )}
      {!refiltering && sessions.length === 0 && (
        <NoSessions
          newest={newest}
          period={periodOf(search)}
          chips={chips}
          search={search}
          shopUrl={demo?.shopUrl ?? null}
        />
      )}
    </>
  );
}

/** Sessions that have begun since: the list is not moved under one's hands, it says that they are there. */
function NewOnes({ live, sessions }: { live: ReadonlySet<string>; sessions: readonly SessionRow[] }) {
  const { revalidate } = useRevalidator();
  const shown = new Set(sessions.map(({ session_id }) => session_id));
  const count = [...live].filter((id) => !shown.has(id)).length;
  if (count === 0) return null;
  return (
    <button type="button" className={styles.fresh} onClick={() => void revalidate()}>
      {counted(count, "new session")} <IconArrowUp size={14} aria-hidden="true" />
    </button>
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
  const all = withSearch(search, {
    ...(bots > 0 && { bots: "include" }),
    ...(internal > 0 && { internal: "include" }),
  });
  const words = [bots > 0 && counted(bots, "bot"), internal > 0 && counted(internal, "own visit")].filter(Boolean);
  return (
    <Link to={all} className={styles.hidden} title="Show them too">
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
