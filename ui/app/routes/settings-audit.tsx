import { Button, NativeSelect } from "@mantine/core";
import { Form, Link, useSearchParams } from "react-router";
import { answer, apiClient } from "../api.server.ts";
import { Moment } from "../format/viewer.tsx";
import { withSearch } from "../search.ts";
import { ACTIONS, actionInWords, detailInWords } from "../settings/audit-words.ts";
import formStyles from "../settings/form.module.css";
import { Section } from "../settings/section.tsx";
import { Below, type Column, Table } from "../settings/table.tsx";
import type { Route } from "./+types/settings-audit";
import { useFrame } from "./project.tsx";
import styles from "./settings-audit.module.css";

const FILTERS = new Set(["action", "actor", "cursor"]);

export const meta: Route.MetaFunction = () => [{ title: "Audit log · Settings · rrHog" }];

/** A page of the log, as the address filters it: `?action=`, `?actor=`, `?cursor=`. */
export async function loader(args: Route.LoaderArgs) {
  const search = new URL(args.request.url).searchParams;
  const one = apiClient(args).v1.projects[":project_id"];
  const param = { project_id: args.params.projectId };
  const query = Object.fromEntries([...search].filter(([name, value]) => FILTERS.has(name) && value !== ""));
  const [page, { members }] = await Promise.all([
    answer(one.audit.$get({ param, query }), args),
    answer(one.members.$get({ param, query: {} }), args),
  ]);
  return { ...page, members: members.map(({ id, email }) => ({ value: id, label: email })) };
}

type Entry = Awaited<ReturnType<typeof loader>>["entries"][number];

export default function Audit({ loaderData }: Route.ComponentProps) {
  const { entries, next_cursor, members } = loaderData;
  const [search] = useSearchParams();
  const [action, actor] = [search.get("action") ?? "", search.get("actor") ?? ""];
  // Somebody who has left, or a key: no member's name stands for it, yet the filter holds.
  const known = actor === "" || members.some(({ value }) => value === actor);
  return (
    <Section
      title="Audit log"
      about="Who changed what, and who looked at whose recording: for opening and playing an entry an hour for each person and session."
    >
      <Form method="get" className={formStyles.row} key={`${action} ${actor}`}>
        <NativeSelect
          name="action"
          label="What"
          defaultValue={action}
          data={[
            { value: "", label: "Everything" },
            ...Object.entries(ACTIONS).map(([value, label]) => ({ value, label })),
          ]}
        />
        <NativeSelect
          name="actor"
          label="Who"
          defaultValue={actor}
          data={[
            { value: "", label: "Everybody" },
            ...members,
            ...(known ? [] : [{ value: actor, label: entries[0]?.actor.name ?? actor }]),
          ]}
        />
        <Button type="submit" variant="default">
          Show
        </Button>
      </Form>
      <Table
        columns={COLUMNS}
        rows={entries}
        keyOf={({ id }) => id}
        nothing={`No entry ${action || actor ? "is like that" : "yet"}.`}
      />
      <nav className={styles.pages} aria-label="Pages of the log">
        {search.has("cursor") && <Link to={withSearch(search, { cursor: null })}>The newest</Link>}
        {next_cursor && <Link to={withSearch(search, { cursor: next_cursor })}>Older ones</Link>}
      </nav>
    </Section>
  );
}

const COLUMNS: Column<Entry>[] = [
  { title: "When", isFigure: true, cell: ({ at }) => <Moment at={at} /> },
  {
    title: "Who",
    cell: ({ actor }) => (
      <>
        <Link to={`?${new URLSearchParams({ actor: actor.id })}`}>{actor.name}</Link>
        {actor.kind !== "person" && <Below>{actor.kind}</Below>}
      </>
    ),
  },
  { title: "What", cell: (entry) => <Deed entry={entry} /> },
];

function Deed({ entry: { action, target, detail } }: { entry: Entry }) {
  const { projectId } = useFrame();
  return (
    <>
      {actionInWords(action)}{" "}
      {target !== null && action.startsWith("session.") && action !== "session.deleted" && (
        <Link to={`/projects/${projectId}/sessions/${target}`}>
          <code>{target.slice(0, 8)}</code>
        </Link>
      )}
      <Below>{detailInWords(detail)}</Below>
    </>
  );
}
