/** Who may do what: the only place that decides it. A new route below `/v1/projects/{project_id}` is shut by default. */
import type { Context, MiddlewareHandler } from "hono";
import type { Sql } from "#core/store/postgres/client.ts";
import { problemIssues } from "#protocol/problem.ts";
import type { Person } from "./auth/person.ts";
import type { PersonSession } from "./auth/session.ts";
import { type Caller, callerOf } from "./caller.ts";
import { ProjectParams } from "./parameters.ts";
import type { MemberChange } from "./queries/members.ts";
import { type Project, projectOfKey, projectsOfPerson, type Role } from "./queries/projects.ts";
import { shareOfToken } from "./queries/shares.ts";
import { Refusal } from "./refusal.ts";
import type { ApiEnv } from "./router.ts";
import { secretHash } from "./secret-hash.ts";
import type { Services } from "./services.ts";
import type { ShareLimit } from "./share-limit.ts";

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

/** For answers without an end: whether the caller may still read the project, after a sign-out, a revoked key, a lost role. */
export async function mayStillRead(c: Context<ApiEnv>, services: Services): Promise<boolean> {
  const { id } = c.get("project");
  try {
    const readable = await readableProjects(services.sql, await callerOf(c, services), id);
    return readable.some((project) => project.id === id);
  } catch (error) {
    if (error instanceof Refusal && error.code !== "storage_unavailable") return false;
    throw error;
  }
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

/** Who may leave something for the project's people, share what is there, ask in SQL, bring recordings and maps in. */
const MEMBERS: readonly Project["role"][] = [...MANAGERS, "member"];

/**
 * @returns the signed-in person, who is a member of the project or more
 * @throws Refusal
 */
export function memberOf(caller: Caller, project: Project): PersonSession {
  const session = personOf(caller);
  if (MEMBERS.includes(project.role)) return session;
  throw new Refusal("not_permitted", { detail: "a member of the project may do that; a viewer reads" });
}

/** Before the body is looked at, as `managersOnly`. */
export const membersOnly: MiddlewareHandler<ApiEnv> = async (c, next) => {
  memberOf(c.get("caller"), c.get("project"));
  await next();
};

/**
 * @returns the signed-in person, who is an owner or an admin of the project
 * @throws Refusal
 */
export function managerOf(caller: Caller, project: Project): PersonSession {
  const session = personOf(caller);
  if (isManager(project)) return session;
  throw new Refusal("not_permitted", { detail: "an owner or an admin of the project may do that" });
}

/** Before the body is looked at: who may not change a thing is not told what is wrong with the change. */
export const managersOnly: MiddlewareHandler<ApiEnv> = async (c, next) => {
  managerOf(c.get("caller"), c.get("project"));
  await next();
};

/**
 * Sets `share` where the token of the path opens one. A token that nobody has, that has expired or was revoked, and one
 * whose session is gone (shared.ts) are answered alike.
 */
export function shareHolders({ sql }: Pick<Services, "sql">, limit: ShareLimit): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const token = c.req.param("token") ?? "";
    const share = await limit.open(secretHash(token), async () =>
      TOKEN.test(token) ? shareOfToken(sql, token) : null,
    );
    if (!share) throw noShare();
    c.set("share", share);
    await next();
  };
}

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The one answer of a link that opens nothing, for whatever reason. */
export function noShare(): Refusal {
  return new Refusal("not_found", { detail: "this link opens nothing, or no longer" });
}

/** Whether the person may change what somebody else of the project wrote. */
export function isManager({ role }: Project): boolean {
  return MANAGERS.includes(role);
}

/** The signed-in person's id; undefined where a key asks. */
export function personIdOf(caller: Caller): string | undefined {
  return caller.kind === "person" ? caller.session.person.id : undefined;
}

/** @throws Refusal where the caller is not a signed-in person */
export function personOf(caller: Caller): PersonSession {
  if (caller.kind === "person") return caller.session;
  throw new Refusal(caller.kind === "key" ? "not_permitted" : "not_signed_in");
}

/** No keys, whatever they may read: what is a person's own no key has, and who belongs to a project is its people's matter. */
export const personsOnly: MiddlewareHandler<ApiEnv> = async (c, next) => {
  personOf(c.get("caller"));
  await next();
};

/** Who manages the project, or is the member of whom the path speaks. */
export const managersOrSelf: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const { person } = personOf(c.get("caller"));
  if (c.req.param("member_id")?.toLowerCase() !== person.id) managerOf(c.get("caller"), c.get("project"));
  await next();
};

/** @throws Refusal where a person with this role may not do that to a member: an admin neither makes nor unmakes owners */
export function allowMemberChange(callerRole: Role, { before, after }: MemberChange, isSelf: boolean): void {
  if (isSelf && after === null) return;
  if (!MANAGERS.includes(callerRole)) {
    throw new Refusal("not_permitted", { detail: "an owner or an admin of the project may do that" });
  }
  if (callerRole !== "owner" && (before === "owner" || after === "owner")) {
    throw new Refusal("not_permitted", { detail: "owners are made and unmade by owners" });
  }
}

/** @throws Refusal where an admin invites an owner */
export function allowInvitation({ role }: Project, invited: Role): void {
  if (invited === "owner" && role !== "owner") {
    throw new Refusal("not_permitted", { detail: "owners are invited by owners" });
  }
}

/** @throws Refusal for who manages no project: not everybody who may look at one may begin others */
export async function mayMakeProjects(sql: Sql, person: Person): Promise<void> {
  const projects = await projectsOfPerson(sql, person.id);
  if (projects.some(({ role }) => MANAGERS.includes(role))) return;
  throw new Refusal("not_permitted", { detail: "who owns or administers a project may make another" });
}
