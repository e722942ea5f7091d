import {
  data,
  isRouteErrorResponse,
  Outlet,
  type ShouldRevalidateFunctionArgs,
  useRouteLoaderData,
} from "react-router";
import { answer, apiClient } from "../api.server.ts";
import { Failure } from "../components/failure.tsx";
import { environmentContext } from "../environment.ts";
import { Frame } from "../frame/frame.tsx";
import { HELP_KEY, type KeysHandle } from "../frame/keys.ts";
import type { Route } from "./+types/project";

/** What the embedded stack makes on its first start (core/api/seed-demo.ts). */
const DEMO_PROJECT_ID = 1;
const DEMO_WRITE_KEY = "dev_write_123";

/** Who looks, at which project, and where the other parts are. While the API is away the frame stands without names. */
export async function loader(args: Route.LoaderArgs) {
  const projectId = Number(args.params.projectId);
  const { embedded, demoUrl, edgeUrl } = args.context.get(environmentContext).settings;
  const isDemo = embedded && projectId === DEMO_PROJECT_ID;
  const place = { projectId, edgeUrl, demo: isDemo ? { shopUrl: demoUrl, writeKey: DEMO_WRITE_KEY } : null };
  const { v1 } = apiClient(args);
  try {
    const [{ user }, { projects }] = await Promise.all([
      answer(v1.auth.me.$get(), args),
      answer(v1.projects.$get(), args),
    ]);
    const project = projects.find(({ id }) => id === projectId);
    if (!project) throw data("There is no such project, or you are not a member of it.", { status: 404 });
    return {
      ...place,
      person: { id: user.id, email: user.email, name: user.name },
      role: project.role,
      projects: projects.map(({ id, name }) => ({ id, name })),
      usage: await answer(v1.projects[":project_id"].usage.$get({ param: { project_id: String(projectId) } }), args),
    };
  } catch (thrown) {
    // The page's own loader fails the same way, and says so inside the frame.
    if (isUnavailable(thrown)) return { ...place, person: null, role: null, projects: [], usage: null };
    throw thrown;
  }
}

function isUnavailable(thrown: unknown): boolean {
  const init = (thrown as { init?: { status?: number } | null }).init;
  return isRouteErrorResponse(thrown) ? thrown.status === 503 : init?.status === 503;
}

export const handle: KeysHandle = {
  title: "Everywhere",
  keys: [{ keys: ["⌘K", "Ctrl K"], does: "Search and commands" }, HELP_KEY],
};

/** Names change rarely: moving about inside a project does not ask for them again; "Try again" does. */
export function shouldRevalidate(change: ShouldRevalidateFunctionArgs) {
  const moved = change.currentUrl.href !== change.nextUrl.href;
  const sameProject = change.currentParams.projectId === change.nextParams.projectId;
  return moved && sameProject && !change.formMethod ? false : change.defaultShouldRevalidate;
}

export type FrameData = Awaited<ReturnType<typeof loader>>;

/** The frame's data, for pages inside it. */
export function useFrame(): FrameData {
  const frame = useRouteLoaderData<typeof loader>("routes/project");
  if (!frame) throw new Error("useFrame is for pages inside a project");
  return frame;
}

export default function Project({ loaderData }: Route.ComponentProps) {
  return (
    <Frame {...loaderData}>
      <Outlet />
    </Frame>
  );
}

export function ErrorBoundary({ error, loaderData }: Route.ErrorBoundaryProps) {
  const failure = <Failure error={error} wholePage={!loaderData} />;
  return loaderData ? <Frame {...loaderData}>{failure}</Frame> : <main>{failure}</main>;
}
