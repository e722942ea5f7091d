import { Button, TextInput } from "@mantine/core";
import { IconFolders } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { Link, useFetcher } from "react-router";
import { z } from "zod";
import { answer, apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import { COLLECTION_NAME_MAX, NameForm } from "../components/name-form.tsx";
import { Notice } from "../components/notice.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { Refused } from "../components/refused.tsx";
import { counted } from "../format/duration.ts";
import { Moment } from "../format/viewer.tsx";
import { incomplete, outcome } from "../outcome.ts";
import { mayChange } from "../roles.ts";
import type { Route } from "./+types/collections";
import styles from "./collections.module.css";
import { useFrame } from "./project.tsx";

const LISTED = "200";

export const meta: Route.MetaFunction = () => [{ title: "Collections · rrHog" }];

/** Collections, newest first. */
export async function loader(args: Route.LoaderArgs) {
  const cursor = new URL(args.request.url).searchParams.get("cursor");
  const { collections } = apiClient(args).v1.projects[":project_id"];
  const query = { limit: LISTED, ...(cursor && { cursor }) };
  return answer(collections.$get({ param: { project_id: args.params.projectId }, query }), args);
}

type Collection = Awaited<ReturnType<typeof loader>>["collections"][number];

const Asked = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("make"), name: z.string() }),
  z.object({ intent: z.literal("change"), collection_id: z.string(), name: z.string(), description: z.string() }),
  z.object({ intent: z.literal("delete"), collection_id: z.string() }),
]);

/** POST: makes, renames or deletes a collection; its sessions stay. */
export async function action(args: Route.ActionArgs) {
  const asked = Asked.safeParse(Object.fromEntries(await args.request.formData()));
  if (!asked.success) return incomplete();
  const { collections } = apiClient(args).v1.projects[":project_id"];
  const one = collections[":collection_id"];
  const project_id = args.params.projectId;
  const { data: form } = asked;
  switch (form.intent) {
    case "make":
      return outcome(
        await change(collections.$post({ param: { project_id }, json: { name: form.name } }), args),
        "made",
      );
    case "change": {
      const { collection_id, name, description } = form;
      const json = { name, description };
      return outcome(await change(one.$patch({ param: { project_id, collection_id }, json }), args), "changed");
    }
    case "delete": {
      const param = { project_id, collection_id: form.collection_id };
      return outcome(await change(one.$delete({ param }), args), "deleted");
    }
  }
}

export default function Collections({ loaderData }: Route.ComponentProps) {
  const { role } = useFrame();
  const making = useFetcher<typeof action>();
  const { collections, next_cursor } = loaderData;
  const mine = mayChange(role);
  return (
    <>
      <PageHeader title="Collections">
        {mine && (
          <div className={styles.make}>
            <NameForm
              fetcher={making}
              fields={{ intent: "make" }}
              label="Name of a new collection"
              placeholder="New collection"
              submit="Make"
              maxLength={COLLECTION_NAME_MAX}
            />
          </div>
        )}
      </PageHeader>
      {collections.length === 0 ? (
        <Notice title="No collection yet" icon={<IconFolders size={20} />}>
          <p>
            A collection keeps sessions together that belong to one question: select some in the list of sessions and
            choose “Add to a collection”.
          </p>
        </Notice>
      ) : (
        <ul className={styles.list} aria-label="Collections">
          {collections.map((collection) => (
            <OneCollection key={collection.collection_id} collection={collection} mine={mine} />
          ))}
        </ul>
      )}
      {next_cursor && (
        <p className={styles.foot}>
          <Button component={Link} to={`?cursor=${next_cursor}`} variant="default">
            Older collections
          </Button>
        </p>
      )}
    </>
  );
}

function OneCollection({ collection, mine }: { collection: Collection; mine: boolean }) {
  const { projectId } = useFrame();
  const { collection_id, name, description, session_count, created_by, created_at } = collection;
  const fetcher = useFetcher<typeof action>();
  const [mode, setMode] = useState<"shown" | "changed" | "leaving">("shown");
  const isDone = fetcher.state === "idle" && Boolean(fetcher.data?.done);
  useEffect(() => {
    if (isDone) setMode("shown");
  }, [isDone]);
  return (
    <li className={styles.item}>
      <div className={styles.line}>
        <Link to={`/projects/${projectId}/sessions?collection=${collection_id}`} className={styles.name}>
          {name}
        </Link>
        <span className={styles.count}>{counted(session_count, "session")}</span>
        <span className={styles.by}>
          {created_by && `${created_by.name}, `}
          <Moment at={created_at} />
        </span>
        {mine && mode === "shown" && (
          <span className={styles.does}>
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setMode("changed")}>
              Rename<span className="rr-hidden"> {name}</span>
            </Button>
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setMode("leaving")}>
              Delete<span className="rr-hidden"> {name}</span>
            </Button>
          </span>
        )}
      </div>
      {description && mode !== "changed" && <p className={styles.description}>{description}</p>}
      <Refused error={fetcher.data?.error} />
      {mode === "changed" && (
        <fetcher.Form method="post" className={styles.form}>
          <input type="hidden" name="intent" value="change" />
          <input type="hidden" name="collection_id" value={collection_id} />
          <TextInput
            name="name"
            label="Name"
            defaultValue={name}
            maxLength={COLLECTION_NAME_MAX}
            required
            data-autofocus
          />
          <TextInput name="description" label="What it is for" defaultValue={description} maxLength={2000} />
          <Button type="submit" loading={fetcher.state !== "idle"}>
            Save
          </Button>
          <Button variant="default" onClick={() => setMode("shown")}>
            Cancel
          </Button>
        </fetcher.Form>
      )}
      {mode === "leaving" && (
        <fetcher.Form method="post" className={styles.form}>
          <input type="hidden" name="intent" value="delete" />
          <input type="hidden" name="collection_id" value={collection_id} />
          <p className={styles.asks}>Delete “{name}”? Its sessions stay.</p>
          <Button type="submit" color="red.8" loading={fetcher.state !== "idle"}>
            Delete the collection
          </Button>
          <Button variant="default" onClick={() => setMode("shown")}>
            Cancel
          </Button>
        </fetcher.Form>
      )}
    </li>
  );
}
