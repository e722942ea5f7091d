import { lazy } from "react";
import { useNavigation, useSearchParams } from "react-router";
import { answer, apiClient } from "../api.server.ts";
import { PageHeader } from "../components/page-header.tsx";
import { PeriodPicker } from "../components/period-picker.tsx";
import { ChartPanel } from "../dashboards/chart-panel.tsx";
import { NothingCounted } from "../dashboards/nothing-counted.tsx";
import { TopPages } from "../dashboards/top-pages.tsx";
import { type Period, periodOf } from "../period.ts";
import type { Route } from "./+types/dashboards";
import styles from "./dashboards.module.css";
import { useFrame } from "./project.tsx";

// The charts' library is as large as the rest of the console: this page alone asks for it.
const SeriesChart = lazy(() => import("../dashboards/series-chart.tsx"));

const INTERVALS: Record<Period["id"], "hour" | "day"> = { "24h": "hour", "7d": "day", "30d": "day" };
/** Days are the API's. */
const PER = { hour: "by the hour", day: "by the day, in UTC" };
const PAGES_SHOWN = "10";

export const meta: Route.MetaFunction = () => [{ title: "Dashboard · rrHog" }];

/** Page views, sessions and the pages seen most, over the address's period. */
export async function loader(args: Route.LoaderArgs) {
  const period = periodOf(new URL(args.request.url).searchParams);
  const { query } = apiClient(args).v1.projects[":project_id"];
  const param = { project_id: args.params.projectId };
  const to = Date.now();
  const range = { from: new Date(to - period.ms).toISOString(), to: new Date(to).toISOString() };
  const interval = INTERVALS[period.id];
  const [pageviews, sessions, topPages] = await Promise.all([
    answer(query.pageviews.$get({ param, query: { ...range, interval } }), args),
    answer(query.sessions.$get({ param, query: { ...range, interval } }), args),
    answer(query["top-pages"].$get({ param, query: { ...range, limit: PAGES_SHOWN } }), args),
  ]);
  return { pageviews, sessions, topPages: topPages.rows };
}

export default function Dashboard({ loaderData }: Route.ComponentProps) {
  const { projectId } = useFrame();
  const [search] = useSearchParams();
  const { state } = useNavigation();
  const { pageviews, sessions, topPages } = loaderData;
  const period = periodOf(search);
  const per = PER[INTERVALS[period.id]];
  return (
    <>
      <PageHeader title="Dashboard">
        <PeriodPicker search={search} />
      </PageHeader>
      {sessions.total === 0 && pageviews.total === 0 ? (
        <NothingCounted period={period} search={search} projectId={projectId} />
      ) : (
        <div className={styles.grid} data-waiting={state === "loading" || undefined}>
          <ChartPanel title="Page views" total={pageviews.total} per={per}>
            <SeriesChart name="Page views" kind="area" {...pageviews} />
          </ChartPanel>
          <ChartPanel title="Sessions" total={sessions.total} per={per}>
            <SeriesChart name="Sessions" kind="bars" {...sessions} />
          </ChartPanel>
          <TopPages rows={topPages} projectId={projectId} search={search} />
        </div>
      )}
    </>
  );
}
