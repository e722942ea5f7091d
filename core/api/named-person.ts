/**
 * Which recorded person a request is about. Their id is the site's, and may be what no path holds: `.`, `..` and nothing are
 * taken out of an address, escaped or not, before it is sent (RFC 3986, 5.2.4). So it may stand in the query as well.
 */
import { z } from "@hono/zod-openapi";
import { PERSON_IN_QUERY } from "./client.ts";
import { AnyUserId, ProjectParams, UserId } from "./parameters.ts";
import { Refusal } from "./refusal.ts";

export const PersonParams = ProjectParams.extend({
  user_id: UserId.openapi({ example: "ada", description: `\`${PERSON_IN_QUERY}\` where the query names the person` }),
});

export const PersonQuery = z.object({
  user_id: AnyUserId.optional().openapi({
    description:
      "the person's id where no path holds it, which `.`, `..` and an empty one are; the path has " +
      `\`${PERSON_IN_QUERY}\` in its place. Any other may be named like this too`,
  }),
});

/** @throws Refusal where path and query name somebody each: what is deleted must not be a matter of which is read first */
export function namedPerson(inPath: { user_id: string }, inQuery: { user_id?: string | undefined }): string {
  if (inQuery.user_id === undefined) return inPath.user_id;
  if (inPath.user_id === PERSON_IN_QUERY) return inQuery.user_id;
  const message = `the path names a person already: \`${PERSON_IN_QUERY}\` goes there`;
  throw new Refusal("query_malformed", { issues: [{ path: "user_id", message }] });
}
