import { OpenAPIHono } from "@hono/zod-openapi";
import { Problem, problemIssues } from "#protocol/problem.ts";
import type { Caller } from "./caller.ts";
import type { Project } from "./queries/projects.ts";
import type { OpenedShare } from "./queries/shares.ts";
import { Refusal } from "./refusal.ts";

export interface ApiEnv {
  Variables: {
    /** Set on `/v1/*`. */
    caller: Caller;
    /** Set on `/v1/projects/{project_id}/*`: the project, which the caller may read. */
    project: Project;
    /** Set on `/v1/shared/{token}/*`: what the link opens. */
    share: OpenedShare;
  };
}

/** A router whose input is checked by the schemas of its routes: what does not fit is a 400 that names the field. */
export function newRouter() {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const code = result.target === "json" ? "body_malformed" : "query_malformed";
      throw new Refusal(code, { issues: problemIssues(result.error) });
    },
  });
}

export const problemContent = { "application/problem+json": { schema: Problem } };

/** For the `responses` of routes that change something: `detail` says what stands against it. */
export const conflict = { description: "Not possible as things stand", content: problemContent };

/** The refusals that any reading route may give, for its OpenAPI `responses`. */
export const readRefusals = {
  400: { description: "A parameter is malformed; `issues` names it", content: problemContent },
  401: { description: "No caller: sign in, or send a read key", content: problemContent },
  403: { description: "This caller may not do that, whatever the project", content: problemContent },
  404: { description: "Nothing here that this caller may see", content: problemContent },
  503: { description: "A storage engine does not answer now", content: problemContent },
};
