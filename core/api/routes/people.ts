import { createRoute, z } from "@hono/zod-openapi";
import { EVENT_NAME_LENGTH_MAX } from "#protocol/limits.ts";
import { managersOnly } from "../authorize.ts";
import { cursorOf, toCursor } from "../cursor.ts";
import { namedPerson, PersonParams, PersonQuery } from "../named-person.ts";
import { flag, ProjectParams, text, wholeNumber } from "../parameters.ts";
import { personExport } from "../person-export.ts";
import { streamOf } from "../playback/render.ts";
import { actorOf, recordAudit } from "../queries/audit.ts";
import { sessionsBeingDeleted } from "../queries/deletions.ts";
import {
  Device,
  devicesOf,
  findPerson,
  listPeople,
  newestSessionsOf,
  PeopleCursor,
  Person,
} from "../queries/people.ts";
import { PersonEvent, PersonEventCursor, personEvents } from "../queries/person-events.ts";
import { type AskedTrait, peopleWithTrait, traitsOf, WITH_TRAIT_MAX } from "../queries/person-traits.ts";
import type { Project } from "../queries/projects.ts";
import { ALL_SESSIONS } from "../queries/session-filters.ts";
import { NewestCursor } from "../queries/session-order.ts";
import { listSessions, SessionSummary } from "../queries/sessions.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const PATH = "/v1/projects/{project_id}/users";
const limit = wholeNumber(1, 200).default(50);

/** Traits change seldom: what the newest of a person's sessions say is what holds. */
const TRAIT_SESSIONS_MAX = 100;

const Trait = z
  .string()
  .max(1_024)
  .regex(/^[^\0=]+=[^\0]*$/, "name=value")
  .transform((pair): AskedTrait => {
    const [name = ""] = pair.split("=", 1);
    return { name, value: pair.slice(name.length + 1) };
  })
  .openapi({ type: "string", example: "plan=pro", description: "the trait has exactly this value, text or number" });

const listRoute = createRoute({
  method: "get",
  path: PATH,
  tags: ["people"],
  summary: "People, the latest seen first",
  description:
    "Whom the batches of recorded sessions name; of several in one session each. " +
    `By \`trait\` the ${WITH_TRAIT_MAX} people are looked among who have it and were seen last.`,
  request: {
    params: ProjectParams,
    query: z.object({
      search: text.optional().openapi({ description: "id or e-mail contains this, ignoring case" }),
      trait: Trait.optional(),
      limit,
      cursor: cursorOf(PeopleCursor).optional(),
    }),
  },
  responses: {
    200: {
      description: "A page; `next_cursor` asks for the following one and is null on the last",
      content: {
        "application/json": { schema: z.object({ people: z.array(Person), next_cursor: z.string().nullable() }) },
      },
    },
    ...readRefusals,
  },
});

const PersonDetail = Person.extend({
  traits: z.record(z.string(), z.unknown()).openapi({ description: "what the site told last" }),
  devices: z.array(Device).openapi({ description: "what they came with, the latest first" }),
}).openapi("RecordedPersonDetail");

const oneRoute = createRoute({
  method: "get",
  path: `${PATH}/{user_id}`,
  tags: ["people"],
  summary: "One person, with what the site told of them",
  request: { params: PersonParams, query: PersonQuery },
  responses: {
    200: { description: "The person", content: { "application/json": { schema: PersonDetail } } },
    ...readRefusals,
  },
});

const sessionsRoute = createRoute({
  method: "get",
  path: `${PATH}/{user_id}/sessions`,
  tags: ["people"],
  summary: "A person's sessions, newest first",
  description: "Also those that somebody else used as well. With filters: `GET …/sessions?person=`.",
  request: {
    params: PersonParams,
    query: PersonQuery.extend({ limit, cursor: cursorOf(NewestCursor).optional() }),
  },
  responses: {
    200: {
      description: "A page",
      content: {
        "application/json": {
          schema: z.object({ sessions: z.array(SessionSummary), next_cursor: z.string().nullable() }),
        },
      },
    },
    ...readRefusals,
  },
});

const eventsRoute = createRoute({
  method: "get",
  path: `${PATH}/{user_id}/events`,
  tags: ["people"],
  summary: "What a person did, the latest first: facts and custom events",
  description: "In a session of several people that of this one.",
  request: {
    params: PersonParams,
    query: PersonQuery.extend({
      event: z.string().min(1).max(EVENT_NAME_LENGTH_MAX).optional().openapi({ description: "of this name" }),
      limit,
      cursor: cursorOf(PersonEventCursor).optional(),
    }),
  },
  responses: {
    200: {
      description: "A page",
      content: {
        "application/json": { schema: z.object({ events: z.array(PersonEvent), next_cursor: z.string().nullable() }) },
      },
    },
    ...readRefusals,
  },
});

/** As mere text: the router takes this name for one of JSON. */
const NDJSON: string = "application/x-ndjson";

const ExportLine = z.looseObject({ type: z.union([z.string(), z.int()]) }).openapi("ExportLine", {
  description: "one of them a line",
});

const exportRoute = createRoute({
  method: "get",
  path: `${PATH}/{user_id}/export`,
  tags: ["people"],
  summary: "All that is kept of a person",
  description:
    "For owners and admins. NDJSON: lines of `type` `person`, `session`, `note`, `event`, and with `recordings` after each " +
    "`recording` its rrweb events, whose `type` is a number. Of a session that others used too, what names this person. " +
    "The last line is `end` with counts: without it the export was broken off.",
  middleware: managersOnly,
  request: {
    params: PersonParams,
    query: PersonQuery.extend({
      recordings: flag.default(true).openapi({ description: "with what was recorded, not only facts" }),
    }),
  },
  responses: {
    200: {
      description: "The export, as a file",
      content: { [NDJSON]: { schema: ExportLine } },
    },
    ...readRefusals,
  },
});

export function peopleRoutes({ sql, clickhouse }: Services) {
  const countedOf = async (project: Project) => ({ ...project, deleted: await sessionsBeingDeleted(sql, project.id) });
  const profileOf = async (project: Project, userId: string, caller: AbortSignal) => {
    const [person, sessions] = await Promise.all([
      findPerson(sql, project, userId),
      newestSessionsOf(sql, project, userId, TRAIT_SESSIONS_MAX),
    ]);
    return person && { ...person, traits: await traitsOf(clickhouse, project.id, userId, sessions, caller) };
  };
  return newRouter()
    .openapi(listRoute, async (c) => {
      const { trait, ...asked } = c.req.valid("query");
      const project = c.get("project");
      const among = trait && (await peopleWithTrait(clickhouse, await countedOf(project), trait, c.req.raw.signal));
      const { people, last } = await listPeople(sql, project, { ...asked, among });
      return c.json({ people, next_cursor: last && toCursor(last) }, 200);
    })
    .openapi(oneRoute, async (c) => {
      const project = c.get("project");
      const user_id = namedPerson(c.req.valid("param"), c.req.valid("query"));
      const [profile, devices] = await Promise.all([
        profileOf(project, user_id, c.req.raw.signal),
        devicesOf(sql, project, user_id),
      ]);
      if (!profile) throw new Refusal("not_found", { detail: "no session of this project shows this person" });
      return c.json({ ...profile, devices }, 200);
    })
    .openapi(sessionsRoute, async (c) => {
      const { limit, cursor, ...named } = c.req.valid("query");
      const person = namedPerson(c.req.valid("param"), named);
      const page = { sort: "newest", limit, cursor } as const;
      const { sessions, last } = await listSessions(sql, c.get("project"), { ...ALL_SESSIONS, person }, page);
      return c.json({ sessions, next_cursor: last && toCursor(last) }, 200);
    })
    .openapi(eventsRoute, async (c) => {
      const { user_id: _, ...asked } = c.req.valid("query");
      const userId = namedPerson(c.req.valid("param"), c.req.valid("query"));
      const counted = await countedOf(c.get("project"));
      const { events, last } = await personEvents(clickhouse, counted, userId, asked, c.req.raw.signal);
      return c.json({ events, next_cursor: last && toCursor(last) }, 200);
    })
    .openapi(exportRoute, async (c) => {
      const counted = await countedOf(c.get("project"));
      const userId = namedPerson(c.req.valid("param"), c.req.valid("query"));
      const leave = new AbortController();
      const caller = AbortSignal.any([c.req.raw.signal, leave.signal]);
      const [profile, { events }] = await Promise.all([
        profileOf(counted, userId, caller),
        personEvents(clickhouse, counted, userId, { limit: 1 }, caller),
      ]);
      if (!profile && events.length === 0) throw new Refusal("not_found", { detail: "nothing is kept of this person" });
      await recordAudit(sql, actorOf(c.get("caller")), { projectId: counted.id, action: "person.exported" });
      const asked = { userId, profile, recordings: c.req.valid("query").recordings };
      const pieces = personExport({ sql, clickhouse }, counted, asked, caller);
      const body = await streamOf(pieces, () => leave.abort());
      const headers = {
        "content-type": NDJSON,
        "content-disposition": 'attachment; filename="person.ndjson"',
      };
      return c.body(body, 200, headers);
    });
}
