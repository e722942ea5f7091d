import { Button, TextInput } from "@mantine/core";
import { IconSearch, IconUserOff } from "@tabler/icons-react";
import { Form, Link, redirect, useNavigation, useSearchParams } from "react-router";
import { answer, apiClient } from "../api.server.ts";
import { Notice } from "../components/notice.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { SkeletonRows } from "../components/skeleton-rows.tsx";
import { deviceInWords } from "../format/device.ts";
import { counted } from "../format/duration.ts";
import { Moment } from "../format/viewer.tsx";
import { personPath } from "../people/address.ts";
import { withSearch } from "../search.ts";
import type { Route } from "./+types/people";
import styles from "./people.module.css";
import { useFrame } from "./project.tsx";

const PAGE_SIZE = "50";

export const meta: Route.MetaFunction = () => [{ title: "People · rrHog" }];

/** People whom sessions show, the latest seen first. `?search=` part of an id or e-mail, `?trait=name=value`. */
export async function loader(args: Route.LoaderArgs) {
  const { pathname, searchParams } = new URL(args.request.url);
  // A form sends its empty field as well; an address to keep and share has none.
  if (searchParams.get("search")?.trim() === "") throw redirect(pathname);
  const asked = { search: searchParams.get("search"), trait: searchParams.get("trait") };
  const cursor = searchParams.get("cursor");
  const { users } = apiClient(args).v1.projects[":project_id"];
  const query = {
    limit: PAGE_SIZE,
    ...(asked.search && { search: asked.search }),
    ...(asked.trait && { trait: asked.trait }),
    ...(cursor && { cursor }),
  };
  const page = await answer(users.$get({ param: { project_id: args.params.projectId }, query }), args);
  return { ...page, asked };
}

export default function People({ loaderData }: Route.ComponentProps) {
  const { projectId } = useFrame();
  const { people, next_cursor, asked } = loaderData;
  const { location, formMethod } = useNavigation();
  const isSearching = location?.pathname.endsWith("/people") === true && formMethod !== "POST";
  const [search] = useSearchParams();
  return (
    <>
      <PageHeader title="People">
        <Form method="get" role="search" className={styles.search}>
          {asked.trait && <input type="hidden" name="trait" value={asked.trait} />}
          <TextInput
            key={asked.search}
            name="search"
            size="xs"
            type="search"
            leftSection={<IconSearch size={14} aria-hidden="true" />}
            placeholder="Id or e-mail"
            aria-label="Search people by id or e-mail"
            defaultValue={asked.search ?? ""}
            maxLength={512}
            autoComplete="off"
          />
          <Button type="submit" size="xs" variant="default">
            Search
          </Button>
        </Form>
        {asked.trait && (
          <Link to="?" className={styles.chip} aria-label={`Remove the filter: ${asked.trait}`}>
            {asked.trait.replace("=", " = ")} ×
          </Link>
        )}
      </PageHeader>
      {isSearching && <SkeletonRows of="people" />}
      {!isSearching && people.length === 0 && <Nobody isAsked={asked.search !== null || asked.trait !== null} />}
      {!isSearching && people.length > 0 && (
        <>
          <div className={styles.head} aria-hidden="true">
            <span>Person</span>
            <span className={styles.right}>Sessions</span>
            <span>Came with</span>
            <span>First seen</span>
            <span>Last seen</span>
          </div>
          <ol className={styles.list} aria-label="People">
            {people.map(({ user_id, email, session_count, first_seen, last_seen, ...device }) => (
              <li key={user_id} className={styles.item}>
                <Link
                  to={personPath(projectId, user_id)}
                  className={styles.row}
                  prefetch="intent"
                  data-person={user_id}
                >
                  <span className={styles.who}>
                    <span className={styles.name}>{email ?? user_id}</span>
                    {email !== null && email !== user_id && <span className={styles.id}>{user_id}</span>}
                  </span>
                  <span className={styles.right}>{counted(session_count, "session")}</span>
                  <span className={styles.device}>{deviceInWords(device)}</span>
                  <Moment at={first_seen} className={styles.first} />
                  <Moment at={last_seen} className={styles.last} />
                </Link>
              </li>
            ))}
          </ol>
        </>
      )}
      {next_cursor && !isSearching && (
        <p className={styles.foot}>
          <Button component={Link} to={withSearch(search, { cursor: next_cursor })} variant="default">
            People seen before
          </Button>
        </p>
      )}
    </>
  );
}

function Nobody({ isAsked }: { isAsked: boolean }) {
  if (isAsked) {
    return (
      <Notice
        title="Nobody matches"
        icon={<IconUserOff size={20} />}
        actions={
          <Button component={Link} to="?" variant="default">
            Show everybody
          </Button>
        }
      >
        The search looks for a part of the id that your site gave, or of the e-mail.
      </Notice>
    );
  }
  return (
    <Notice title="Nobody is known by name yet" icon={<IconUserOff size={20} />}>
      <p>
        People are here once your site says who they are: <code>rrhog.identify("42", {'{ plan: "pro" }'})</code> after
        sign-in. Until then their sessions are anonymous.
      </p>
    </Notice>
  );
}
