import { createRoute, z } from "@hono/zod-openapi";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import { createPerson, Email, newPerson, Password, Person, PersonName } from "../auth/person.ts";
import { openSession, setSession } from "../auth/session.ts";
import { isFirstRun, setupToken } from "../auth/setup-token.ts";
import { askPostgres } from "../engines/answer.ts";
import { insertProject, Project, ProjectName, projectsOfPerson } from "../queries/projects.ts";
import { Refusal } from "../refusal.ts";
import { conflict, newRouter, problemContent, readRefusals } from "../router.ts";
import { isSameSecret } from "../same-secret.ts";
import type { Services } from "../services.ts";

const route = createRoute({
  method: "post",
  path: "/v1/auth/first-run",
  tags: ["sign-in"],
  summary: "Make the first person, who owns the first project",
  description:
    "Once, on an instance that has nobody. `setup_token` is `SETUP_TOKEN`, or else stands in the API's log (docs/deploy.md).",
  security: [],
  request: {
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.strictObject({
            setup_token: z.string().min(1).max(256),
            email: Email,
            name: PersonName,
            password: Password,
            project_name: ProjectName,
          }),
        },
      },
    },
  },
  responses: {
    201: {
      description: "Signed in: `Set-Cookie` carries the session",
      content: { "application/json": { schema: z.object({ user: Person, project: Project }) } },
    },
    400: readRefusals[400],
    401: { description: "The token is wrong", content: problemContent },
    409: conflict,
    429: { description: "Too many attempts; `Retry-After` says when again", content: problemContent },
    503: readRefusals[503],
  },
});

const HAS_OWNER = { detail: "this instance has its owner: ask them for an invitation" };

export function firstRunRoute({ sql, settings, limit }: Services) {
  return newRouter().openapi(route, async (c) => {
    const { setup_token, email, name, password, project_name } = c.req.valid("json");
    if (!(await isFirstRun(sql))) throw new Refusal("conflict", HAS_OWNER);
    const account = await limit.check("first run", async () => {
      if (!isSameSecret(setup_token, setupToken(settings))) {
        throw new Refusal("credentials_wrong", { detail: "the setup token is wrong; the API's log has it" });
      }
      return newPerson({ name, password });
    });
    const { user, projectId } = await askPostgres(
      inTransaction(sql, async (transaction) => {
        // Two who come at once: the second one waits here, and finds the first.
        await transaction`LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE`;
        const people = await transaction`SELECT FROM users LIMIT 1`;
        if (people.length > 0) throw new Refusal("conflict", HAS_OWNER);
        const user = await createPerson(transaction, { ...account, email, isEmailVerified: true });
        return { user, projectId: await insertProject(transaction, project_name, user) };
      }),
    );
    const [project] = await projectsOfPerson(sql, user.id, projectId);
    if (!project) throw new Error("the project that was just made is not there");
    await setSession(c, settings, await openSession(c, sql, user));
    return c.json({ user, project }, 201);
  });
}
