/** Segments (filters under a name, of the whole project) and collections: pick one, save these filters, put them in another's place. */
import { ActionIcon, Button, Skeleton, Tooltip } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconReplace, IconTrash } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { Link, useFetcher } from "react-router";
import { NameForm } from "../components/name-form.tsx";
import { Refused } from "../components/refused.tsx";
import { counted } from "../format/duration.ts";
import { mayChange } from "../roles.ts";
import type { loader as collectionsLoader } from "../routes/collections.tsx";
import { useFrame } from "../routes/project.tsx";
import type { action, loader } from "../routes/segments.ts";
import { addressOf, filtersOf, isSameList } from "./filters.ts";
import styles from "./saved.module.css";

/** The API's (core/api/routes/segments.ts). */
const SEGMENT_NAME_MAX = 100;
const COLLECTIONS_SHOWN = 8;

type Segment = Awaited<ReturnType<typeof loader>>["segments"][number];

export default function Saved({ search, close }: { search: URLSearchParams; close: () => void }) {
  const { projectId, role } = useFrame();
  const segments = useFetcher<typeof loader>();
  const collections = useFetcher<typeof collectionsLoader>();
  const saving = useFetcher<typeof action>();
  const changing = useFetcher<typeof action>();
  const [deleted, setDeleted] = useState<Segment | null>(null);
  const address = `/projects/${projectId}/segments`;
  // Also where the button that had the focus is gone with what it deleted.
  useHotkeys([["Escape", close]], []);
  const loadSegments = segments.load;
  const loadCollections = collections.load;
  useEffect(() => {
    void loadSegments(address);
    void loadCollections(`/projects/${projectId}/collections`);
  }, [loadSegments, loadCollections, address, projectId]);

  const send = (form: Record<string, string>) => void changing.submit(form, { method: "post", action: address });
  const isFiltered = filtersOf(search).length > 0;
  const mine = mayChange(role);
  const isRefused = changing.state === "idle" && Boolean(changing.data?.error);
  // One that is being deleted is gone already; where that is refused it comes back.
  const kept = segments.data?.segments.filter(({ segment_id }) => isRefused || segment_id !== deleted?.segment_id);
  return (
    <div className={styles.saved}>
      <h2 className={styles.title}>Segments</h2>
      {!kept && <Skeleton height={28} />}
      {kept?.length === 0 && <p className={styles.none}>Filters that you use often, for everybody in the project.</p>}
      <ul className={styles.list}>
        {kept?.map((segment) => (
          <OneSegment
            key={segment.segment_id}
            segment={segment}
            search={search}
            close={close}
            onReplace={
              mine && isFiltered
                ? () =>
                    send({
                      intent: "replace",
                      segment_id: segment.segment_id,
                      name: segment.name,
                      search: `${search}`,
                    })
                : null
            }
            onDelete={
              mine
                ? () => {
                    setDeleted(segment);
                    send({ intent: "delete", segment_id: segment.segment_id });
                  }
                : null
            }
          />
        ))}
      </ul>
      <Refused error={changing.data?.error} />
      {deleted && !isRefused && (
        <p className={styles.deleted} role="status">
          Deleted “{deleted.name}”.{" "}
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => {
              setDeleted(null);
              send({ intent: "save", name: deleted.name, search: `${addressOf(deleted.filters)}` });
            }}
          >
            Undo
          </Button>
        </p>
      )}
      {mine && isFiltered && (
        <NameForm
          fetcher={saving}
          action={address}
          fields={{ intent: "save", search: `${search}` }}
          label="Name of the segment"
          placeholder="Name for these filters"
          submit="Save"
          maxLength={SEGMENT_NAME_MAX}
        />
      )}
      <h2 className={styles.title}>Collections</h2>
      <ul className={styles.list}>
        {collections.data?.collections.slice(0, COLLECTIONS_SHOWN).map(({ collection_id, name, session_count }) => (
          <li key={collection_id} className={styles.item}>
            <Link to={`?collection=${collection_id}`} className={styles.link} onClick={close}>
              <span className={styles.name}>{name}</span>
              <span className={styles.count}>{counted(session_count, "session")}</span>
            </Link>
          </li>
        ))}
      </ul>
      <Link to={`/projects/${projectId}/collections`} className={styles.all}>
        {collections.data?.collections.length === 0 ? "None yet: what they are for" : "All collections"}
      </Link>
    </div>
  );
}

interface OneSegmentProps {
  segment: Segment;
  search: URLSearchParams;
  close: () => void;
  onReplace: (() => void) | null;
  onDelete: (() => void) | null;
}

function OneSegment({ segment: { name, filters }, search, close, onReplace, onDelete }: OneSegmentProps) {
  const target = addressOf(filters);
  const isShown = isSameList(target, search);
  for (const kept of ["period", "sort"]) {
    const value = search.get(kept);
    if (value) target.set(kept, value);
  }
  return (
    <li className={styles.item}>
      <Link to={`?${target}`} className={styles.link} onClick={close} aria-current={isShown || undefined}>
        <span className={styles.name}>{name}</span>
      </Link>
      {onReplace && !isShown && (
        <Tooltip label="Put the filters shown in its place">
          <ActionIcon variant="subtle" color="gray" onClick={onReplace} aria-label={`Replace ${name}`}>
            <IconReplace size={15} />
          </ActionIcon>
        </Tooltip>
      )}
      {onDelete && (
        <Tooltip label="Delete">
          <ActionIcon variant="subtle" color="gray" onClick={onDelete} aria-label={`Delete ${name}`}>
            <IconTrash size={15} />
          </ActionIcon>
        </Tooltip>
      )}
    </li>
  );
}
