/** What a person did, over all their sessions, the latest first; each leads to its moment. */
import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Link, useFetcher, useLocation } from "react-router";
import { eventInWords } from "../format/event.ts";
import { Moment } from "../format/viewer.tsx";
import type { loader, PersonEvent } from "../routes/person.tsx";
import { withSearch } from "../search.ts";
import { eventDetails, isDeed } from "./person-event.ts";
import styles from "./person-events.module.css";

interface Page {
  events: PersonEvent[];
  next_cursor: string | null;
}

export function PersonEvents({ first, projectId }: { first: Page; projectId: number }) {
  const { pathname, search } = useLocation();
  const fetcher = useFetcher<typeof loader>();
  const [older, setOlder] = useState<Page>({ events: [], next_cursor: first.next_cursor });
  const taken = useRef<unknown>(null);
  useEffect(() => {
    const page = fetcher.data?.events;
    if (!page || taken.current === page) return;
    taken.current = page;
    setOlder((before) => ({ events: [...before.events, ...page.events], next_cursor: page.next_cursor }));
  }, [fetcher.data]);
  const events = [...first.events, ...older.events].filter(({ name }) => isDeed(name));
  return (
    <section aria-labelledby="events">
      <h2 className={styles.title} id="events">
        Events
      </h2>
      {events.length === 0 && <p className={styles.none}>Nothing that they did is known yet.</p>}
      <ol className={styles.list}>
        {events.map(({ event_id, name, at, session_id, url, props }) => (
          <li key={event_id} className={styles.item}>
            <Link
              to={`/projects/${projectId}/sessions/${session_id}?${new URLSearchParams({ at })}`}
              className={styles.row}
            >
              <Moment at={at} className={styles.at} />
              <span className={styles.name}>{eventInWords(name)}</span>
              <span className={styles.details}>{eventDetails({ name, props, url })}</span>
            </Link>
          </li>
        ))}
      </ol>
      {older.next_cursor && (
        <Button
          variant="default"
          size="xs"
          loading={fetcher.state !== "idle"}
          onClick={() =>
            void fetcher.load(pathname + withSearch(new URLSearchParams(search), { cursor: older.next_cursor }))
          }
        >
          Earlier events
        </Button>
      )}
    </section>
  );
}
