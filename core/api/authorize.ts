/** Who may do what: the only place that decides it. A new route below `/v1/projects/{project_id}` is shut by default. */
import type { MiddlewareHandler } from "hono";
import type { Sql } from "#core/store/postgres/client.ts";
import { problemIssues } from "#protocol/problem.ts";
import type { PersonSession } from "./auth/session.ts";
import type { Caller } from "./caller.ts";
import { ProjectParams } from "./parameters.ts";
import { type Project, projectOfKey, projectsOfPerson } from "./queries/projects.ts";
import { Refusal } from "./refusal.ts";
import type { ApiEnv } from "./router.ts";
import type { Services } from "./services.ts";

/** Sets `project` where the caller may read it. Each role may read; a read key reads its own project. */
export function readersOnly({ sql }: Services): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const caller = readingCaller(c.get("caller"));
    const params = ProjectParams.safeParse(c.req.param());
    if (!params.success) throw new Refusal("query_malformed", { issues: problemIssues(params.error) });
    const id = params.data.project_id;
    const project = (await readableProjects(sql, caller, id)).find((readable) => readable.id === id);
    // Another project's answer is the same as that of one which does not exist.
    if (!project) throw new Refusal("not_found");
    c.set("project", project);
    await next();
  };
}

/** The projects that a caller may read, by id; with `only`, that one or none. */
export async function readableProjects(sql: Sql, caller: Caller, only?: number): Promise<Project[]> {
  const reader = readingCaller(caller);
  if (reader.kind === "person") return projectsOfPerson(sql, reader.session.person.id, only);
  const project = await projectOfKey(sql, reader.projectId);
  return project ? [project] : [];
}

/** @throws Refusal where the caller is nobody, or a write key: those are public, and read nothing */
export function readingCaller(caller: Caller): Exclude<Caller, { kind: "nobody" }> {
  if (caller.kind === "nobody") throw new Refusal("not_signed_in");
  if (caller.kind === "key" && caller.keyKind === "write") {
    throw new Refusal("not_permitted", { detail: "a write key reads nothing; send a read key" });
  }
  return caller;
}

/** Who may delete data and decide on dead letters. */
const MANAGERS: readonly Project["role"][] = ["owner", "admin"];

/**
 * @returns the signed-in person, who is an owner or an admin of the project
 * @throws Refusal
 */
export function managerOf(caller: Caller, project: Project): PersonSession {
  const session = personOf(caller);
  if (MANAGERS.includes(project.role)) return session;
  throw new Refusal("not_permitted", { detail: "an owner or an admin of the project may do that" });
}

/** Before the body is looked at: who may not change a thing is not told what is wrong with the change. */
export const managersOnly: MiddlewareHandler<ApiEnv> = async (c, next) => {
  managerOf(c.get("caller"), c.get("project"));
  await next();
};

/** Who works with the data, beside watching it: writes queries of their own, uploads source maps. */
const WORKERS: readonly Project["role"][] = ["owner", "admin", "member"];

/** As `managersOnly`, for members too. A read key is no member: it lies in programs that only read. */
export const membersOnly: MiddlewareHandler<ApiEnv> = async (c, next) => {
  personOf(c.get("caller"));
  if (!WORKERS.includes(c.get("project").role)) {
    throw new Refusal("not_permitted", { detail: "a member of the project may do that, or an admin or owner" });
  }
  await next();
};

/** @throws Refusal where the caller is not a signed-in person */
export function personOf(caller: Caller): PersonSession {
  if (caller.kind === "person") return caller.session;
  throw new Refusal(caller.kind === "key" ? "not_permitted" : "not_signed_in");
}
