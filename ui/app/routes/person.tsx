import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconArrowLeft, IconDownload, IconTrash } from "@tabler/icons-react";
import { Link, type ShouldRevalidateFunctionArgs } from "react-router";
import { personAt } from "#core/api/client.ts";
import { answer, apiClient } from "../api.server.ts";
import { CopyableId } from "../components/copyable.tsx";
import { deviceInWords } from "../format/device.ts";
import { counted } from "../format/duration.ts";
import { valueInWords } from "../format/event.ts";
import { Moment } from "../format/viewer.tsx";
import { personOf, personPath } from "../people/address.ts";
import { PersonDeletion } from "../people/person-deletion.tsx";
import { PersonEvents } from "../people/person-events.tsx";
import { mayManage } from "../roles.ts";
import { layoutOf, USUAL_COLUMNS } from "../sessions/columns.ts";
import { Row } from "../sessions/row.tsx";
import type { Route } from "./+types/person";
import styles from "./person.module.css";
import { useFrame } from "./project.tsx";

const SESSIONS_SHOWN = "20";
const EVENTS_SHOWN = "200";
/** A person is looked at with all that they did, whatever lists leave out. */
const ALL = { bots: "include", internal: "include" } as const;

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: loaderData ? `${loaderData.person.email ?? loaderData.person.user_id} · rrHog` : "Person · rrHog" },
];

/**
 * One person: what the site told of them, their devices, their newest sessions and events. `?cursor=` older events, `?id=`
 * who it is where no path holds that.
 */
export async function loader(args: Route.LoaderArgs) {
  const cursor = new URL(args.request.url).searchParams.get("cursor");
  const { sessions, users } = apiClient(args).v1.projects[":project_id"];
  const one = users[":user_id"];
  const userId = personOf(args);
  const { param, query } = personAt(args.params.projectId, userId);
  const listed = { person: userId, ...ALL, limit: SESSIONS_SHOWN };
  const [person, { sessions: newest }, events] = await Promise.all([
    answer(one.$get({ param, query }), args),
    answer(sessions.$get({ param: { project_id: args.params.projectId }, query: listed }), args),
    answer(one.events.$get({ param, query: { ...query, limit: EVENTS_SHOWN, ...(cursor && { cursor }) } }), args),
  ]);
  return { person, sessions: newest, events };
}

export type PersonEvent = Awaited<ReturnType<typeof loader>>["events"]["events"][number];

/** Once their data is deleted there is nothing to look at any more but the receipt. */
export function shouldRevalidate({ formAction, defaultShouldRevalidate }: ShouldRevalidateFunctionArgs): boolean {
  return formAction && /\/data(\?|$)/.test(formAction) ? false : defaultShouldRevalidate;
}

export default function Person({ loaderData }: Route.ComponentProps) {
  const { projectId, role } = useFrame();
  const { person, sessions, events } = loaderData;
  const { user_id, email, session_count, first_seen, last_seen, traits, devices } = person;
  const people = `/projects/${projectId}/people`;
  const list = `?${new URLSearchParams({ person: user_id, ...ALL })}`;
  const told = Object.entries(traits);
  const [isDeleting, deletion] = useDisclosure(false);
  return (
    <>
      <header className={styles.header}>
        <Tooltip label="People">
          <ActionIcon
            component={Link}
            to={people}
            variant="subtle"
            color="gray"
            size="lg"
            aria-label="Back to the people"
          >
            <IconArrowLeft size={18} />
          </ActionIcon>
        </Tooltip>
        <h1 className={styles.name}>{email ?? user_id}</h1>
        <span className={styles.facts}>
          {counted(session_count, "session")}, last seen <Moment at={last_seen} />
        </span>
        {mayManage(role) && (
          <span className={styles.does}>
            <Button
              component="a"
              href={personPath(projectId, user_id, "/export")}
              download
              size="xs"
              variant="default"
              leftSection={<IconDownload size={14} aria-hidden="true" />}
            >
              Export
            </Button>
            <Button
              size="xs"
              variant="default"
              c="var(--rr-error)"
              leftSection={<IconTrash size={14} aria-hidden="true" />}
              onClick={deletion.open}
            >
              Delete data
            </Button>
            {isDeleting && <PersonDeletion userId={user_id} name={email ?? user_id} onClose={deletion.close} />}
          </span>
        )}
      </header>
      <div className={styles.body}>
        <div className={styles.main}>
          <section aria-labelledby="sessions">
            <h2 className={styles.title} id="sessions">
              Sessions
            </h2>
            <ol className={styles.list} aria-label="Sessions" style={layoutOf(USUAL_COLUMNS)}>
              {sessions.map((session) => (
                <Row
                  key={session.session_id}
                  session={session}
                  projectId={projectId}
                  columns={USUAL_COLUMNS}
                  search={list}
                />
              ))}
            </ol>
            {session_count > sessions.length && (
              <Link to={`/projects/${projectId}/sessions${list}`} className={styles.more}>
                All {counted(session_count, "session")}
              </Link>
            )}
          </section>
          <PersonEvents first={events} projectId={projectId} />
        </div>
        <aside className={styles.side} aria-label="About this person">
          <h2 className={styles.title}>Facts</h2>
          <dl className={styles.pairs}>
            <dt>Id</dt>
            <dd>
              <CopyableId id={user_id} />
            </dd>
            {email && (
              <>
                <dt>E-mail</dt>
                <dd>{email}</dd>
              </>
            )}
            <dt>First seen</dt>
            <dd>
              <Moment at={first_seen} full />
            </dd>
            <dt>Last seen</dt>
            <dd>
              <Moment at={last_seen} full />
            </dd>
          </dl>
          <h2 className={styles.title}>Traits</h2>
          {told.length === 0 ? (
            <p className={styles.none}>The site has told none with identify.</p>
          ) : (
            <dl className={styles.pairs}>
              {told.map(([name, value]) => (
                <Trait key={name} name={name} value={value} people={people} />
              ))}
            </dl>
          )}
          <h2 className={styles.title}>Devices</h2>
          <ul className={styles.devices}>
            {devices.map((device) => (
              <li key={deviceInWords(device)} className={styles.device}>
                <span>{deviceInWords(device)}</span>
                <span className={styles.none}>
                  {counted(device.session_count, "session")}, <Moment at={device.last_seen} />
                </span>
              </li>
            ))}
          </ul>
        </aside>
      </div>
    </>
  );
}

/** Texts and numbers lead to the others who have the same. */
function Trait({ name, value, people }: { name: string; value: unknown; people: string }) {
  const text = valueInWords(value);
  const isSearchable = (typeof value === "string" && value !== "") || typeof value === "number";
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {isSearchable && !name.includes("=") ? (
          <Link
            to={`${people}?${new URLSearchParams({ trait: `${name}=${text}` })}`}
            className={styles.trait}
            title={`Others with ${name} = ${text}`}
          >
            {text}
          </Link>
        ) : (
          text
        )}
      </dd>
    </>
  );
}
