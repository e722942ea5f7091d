import { createRoute, z } from "@hono/zod-openapi";
import { ProjectParams, SessionParams, text, wholeNumber } from "../parameters.ts";
import { sessionsBeingDeleted } from "../queries/deletions.ts";
import { searchTexts } from "../queries/search-texts.ts";
import { SessionSummary, sessionsById } from "../queries/sessions.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const FoundText = SessionSummary.extend({
  window_id: z.string(),
  at_ms: z.int().openapi({ description: "session time at which the text was seen first: where playback shows it" }),
  text: z.string().openapi({ description: "the phrase with some of what was read around it" }),
}).openapi("FoundText");

const Phrase = text
  .transform((phrase) => phrase.replace(/\s+/g, " "))
  .pipe(z.string().min(2).max(200))
  .openapi({
    type: "string",
    minLength: 2,
    maxLength: 200,
    example: "Card declined",
    description:
      "A phrase as it stood on the page, not single words: found anywhere in a text, in parts of words too, in whatever " +
      "case, white space counting as one blank. No wildcards. Under three characters every text is read.",
  });

const Query = z.object({
  q: Phrase,
  session_id: SessionParams.shape.session_id.optional().openapi({ description: "only this session" }),
  limit: wholeNumber(1, 100).default(20),
});

const route = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/search",
  tags: ["sessions"],
  summary: "Sessions in which a phrase could be read",
  request: { params: ProjectParams, query: Query },
  responses: {
    200: {
      description:
        "Each session once, where it showed the phrase first; the latest first. Texts are known some ten seconds after " +
        "the last of a session's batches came.",
      content: { "application/json": { schema: z.object({ sessions: z.array(FoundText) }) } },
    },
    ...readRefusals,
  },
});

/** Some may have expired within the day: readers go by the hour. */
const MORE = 50;
const SNIPPET_BEFORE = 60;
const SNIPPET_MAX = 200;

export function searchRoute({ sql, clickhouse }: Services) {
  return newRouter().openapi(route, async (c) => {
    const project = c.get("project");
    const { q, session_id: session, limit } = c.req.valid("query");
    const searched = { ...project, deleted: await sessionsBeingDeleted(sql, project.id) };
    const hits = await searchTexts(clickhouse, searched, { phrase: q, session, limit: limit + MORE }, c.req.raw.signal);
    const found = await sessionsById(
      sql,
      project,
      hits.map(({ session_id }) => session_id),
    );
    const summaries = new Map(found.map((summary) => [summary.session_id, summary]));
    const sessions = hits.flatMap(({ session_id, window_id, ts, text }) => {
      const summary = summaries.get(session_id);
      if (!summary) return [];
      const at_ms = Math.max(0, ts - Date.parse(summary.started_at));
      return [{ ...summary, window_id, at_ms, text: snippetOf(text, q) }];
    });
    return c.json({ sessions: sessions.slice(0, limit) }, 200);
  });
}

/** What is around the phrase, from the beginning of a word. */
function snippetOf(text: string, phrase: string): string {
  const found = text.toLowerCase().indexOf(phrase.toLowerCase());
  const near = Math.max(0, found - SNIPPET_BEFORE);
  const start = near === 0 ? 0 : text.indexOf(" ", near) + 1;
  return text.slice(start > found ? near : start).slice(0, SNIPPET_MAX);
}
