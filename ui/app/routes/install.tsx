import { answer, apiClient } from "../api.server.ts";
import { PageHeader } from "../components/page-header.tsx";
import Install from "../install/install.tsx";
import type { Route } from "./+types/install";
import styles from "./install.module.css";

export const meta: Route.MetaFunction = () => [{ title: "Add your site · rrHog" }];

/** What is known of the pages that have the snippet, now. */
export async function loader(args: Route.LoaderArgs) {
  const { installation } = apiClient(args).v1.projects[":project_id"];
  const param = { project_id: args.params.projectId };
  return { installation: await answer(installation.$get({ param }), args), now: Date.now() };
}

export default function AddYourSite({ loaderData }: Route.ComponentProps) {
  return (
    <>
      <PageHeader title="Add your site" />
      <div className={styles.body}>
        <Install first={loaderData} />
      </div>
    </>
  );
}
