import { createRoute, z } from "@hono/zod-openapi";
import { hashPassword } from "better-auth/crypto";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import { Password } from "../auth/person.ts";
import { deleteSessionCookie, endSessions, renewSession, setSession } from "../auth/session.ts";
import { personOf, personsOnly } from "../authorize.ts";
import { askPostgres } from "../engines/answer.ts";
import { changePassword, endOwnSession, isPasswordOf, OwnSession, sessionsOfSelf } from "../queries/own-sessions.ts";
import { Refusal } from "../refusal.ts";
import { conflict, newRouter, problemContent, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const listRoute = createRoute({
  method: "get",
  path: "/v1/auth/sessions",
  tags: ["sign-in"],
  summary: "Where one is signed in, newest first",
  middleware: personsOnly,
  responses: {
    200: {
      description: "The sessions",
      content: { "application/json": { schema: z.object({ sessions: z.array(OwnSession) }) } },
    },
    ...readRefusals,
  },
});

const endRoute = createRoute({
  method: "delete",
  path: "/v1/auth/sessions/{auth_session_id}",
  tags: ["sign-in"],
  summary: "Sign out somewhere",
  middleware: personsOnly,
  request: { params: z.object({ auth_session_id: z.guid() }) },
  responses: { 204: { description: "That session is over" }, ...readRefusals },
});

const everywhereRoute = createRoute({
  method: "post",
  path: "/v1/auth/sign-out-everywhere",
  tags: ["sign-in"],
  summary: "End all of one's sessions, this one as well",
  middleware: personsOnly,
  responses: { 204: { description: "All are over; `Set-Cookie` removes the cookie" }, ...readRefusals },
});

const renewRoute = createRoute({
  method: "post",
  path: "/v1/auth/renew",
  tags: ["sign-in"],
  summary: "Replace this session by a new one",
  description:
    "The old cookie goes on for a minute, for requests that are under way. A session can be renewed for 30 days; then one " +
    "signs in again.",
  middleware: personsOnly,
  responses: {
    204: {
      description: "`Set-Cookie` carries the new session; without it the old one was replaced before, or is too old",
    },
    ...readRefusals,
  },
});

const passwordRoute = createRoute({
  method: "post",
  path: "/v1/auth/password",
  tags: ["sign-in"],
  summary: "Change one's password",
  description: "Ends one's other sessions. 10 to 128 characters, whatever they are.",
  middleware: personsOnly,
  request: {
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z
            .strictObject({ current_password: z.string().min(1).max(128), new_password: Password })
            .openapi({ example: { current_password: "demo_password_123", new_password: "a longer one, 4 words" } }),
        },
      },
    },
  },
  responses: {
    204: { description: "Changed; `Set-Cookie` carries a new session" },
    ...readRefusals,
    409: conflict,
    429: { description: "Too many attempts; `Retry-After` says when again", content: problemContent },
  },
});

export function ownSessionRoutes({ sql, settings, limit }: Services) {
  return newRouter()
    .openapi(listRoute, async (c) => c.json({ sessions: await sessionsOfSelf(sql, personOf(c.get("caller"))) }, 200))
    .openapi(endRoute, async (c) => {
      const { person } = personOf(c.get("caller"));
      const ended = await endOwnSession(sql, person.id, c.req.valid("param").auth_session_id);
      if (!ended) throw new Refusal("not_found");
      return c.body(null, 204);
    })
    .openapi(everywhereRoute, async (c) => {
      const { person } = personOf(c.get("caller"));
      await askPostgres(inTransaction(sql, (transaction) => endSessions(transaction, person.id)));
      deleteSessionCookie(c, settings);
      return c.body(null, 204);
    })
    .openapi(renewRoute, async (c) => {
      const renewed = await renewSession(sql, personOf(c.get("caller")));
      if (renewed) await setSession(c, settings, renewed);
      return c.body(null, 204);
    })
    .openapi(passwordRoute, async (c) => {
      const session = personOf(c.get("caller"));
      const { current_password, new_password } = c.req.valid("json");
      const passwordHash = await limit.check(session.person.email, async () => {
        const isRight = await isPasswordOf(sql, session.person.id, current_password);
        if (isRight === null)
          throw new Refusal("conflict", { detail: "you sign in elsewhere, and have no password here" });
        if (!isRight) throw new Refusal("credentials_wrong", { detail: "the current password is wrong" });
        return hashPassword(new_password);
      });
      await changePassword(sql, session, passwordHash);
      const renewed = await renewSession(sql, session);
      if (renewed) await setSession(c, settings, renewed);
      return c.body(null, 204);
    });
}
