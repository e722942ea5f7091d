/** Deleting what is kept of a person: first what it would take, then the deed, for who types the id again. */
import { Button, TextInput } from "@mantine/core";
import { Form, Link, useNavigation } from "react-router";
import { counted } from "../format/duration.ts";
import { useFrame } from "../routes/project.tsx";
import type { loader } from "../routes/settings-data.tsx";
import { AskFirst } from "./ask-first.tsx";
import formStyles from "./form.module.css";
import styles from "./person-deletion.module.css";
import { Nothing } from "./section.tsx";

type Preview = NonNullable<Awaited<ReturnType<typeof loader>>["preview"]>;

export function PersonDeletion({ preview }: { preview: Preview | null }) {
  const { state, location } = useNavigation();
  return (
    <>
      <Form method="get" className={formStyles.form} preventScrollReset>
        <div className={formStyles.row}>
          <TextInput
            name="person"
            label="Person's id"
            description="As your site identifies them"
            required
            withAsterisk={false}
            maxLength={512}
            key={preview?.person}
            defaultValue={preview?.person ?? ""}
          />
          <Button type="submit" variant="default" loading={state === "loading" && location.search.includes("person=")}>
            Look what there is
          </Button>
        </div>
      </Form>
      {preview && <Found preview={preview} />}
    </>
  );
}

const SHOWN_MAX = 20;

function Found({ preview: { person, sessions } }: { preview: Preview }) {
  const { projectId } = useFrame();
  const withOthers = sessions.filter(({ other_users }) => other_users.length > 0).length;
  return (
    <div className={styles.found} data-preview>
      {sessions.length === 0 ? (
        <Nothing>
          No session shows “{person}”. Deleting them still deletes what was sent before and has not arrived yet.
        </Nothing>
      ) : (
        <p>
          This would take <strong>{counted(sessions.length, "session")}</strong>
          {withOthers > 0 && (
            <>
              , of which {withOthers === 1 ? "one shows" : `${withOthers} show`} <strong>other people as well</strong>
            </>
          )}
          .
        </p>
      )}
      <ul className={styles.sessions}>
        {sessions.slice(0, SHOWN_MAX).map(({ session_id, other_users }) => (
          <li key={session_id}>
            <Link to={`/projects/${projectId}/sessions/${session_id}`}>
              <code>{session_id}</code>
            </Link>
            {other_users.length > 0 && <span className={styles.others}> also {other_users.join(", ")}</span>}
          </li>
        ))}
        {sessions.length > SHOWN_MAX && <li>and {counted(sessions.length - SHOWN_MAX, "more", "more")}</li>}
      </ul>
      <AskFirst
        label="Delete this person's data"
        title={`Delete what is kept of “${person}”?`}
        confirm="Delete it for good"
        fields={{ intent: "delete-person", person }}
      >
        <p>
          {counted(sessions.length, "session")} will be gone from every read at once, and from every table soon. Nothing
          brings them back.
        </p>
        <TextInput
          name="typed"
          label={`Type ${person} to go on`}
          required
          withAsterisk={false}
          autoComplete="off"
          mt="sm"
          data-autofocus
        />
      </AskFirst>
    </div>
  );
}
