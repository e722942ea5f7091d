import type { ErrorHandler, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { HTTPException } from "hono/http-exception";
import { methodNotAllowed } from "hono/method-not-allowed";
import { secureHeaders } from "hono/secure-headers";
import { readersOnly } from "./authorize.ts";
import { identify } from "./caller.ts";
import { DOCUMENT_INFO, DOCUMENTATION_POLICY, documentation, SECURITY_SCHEMES } from "./documentation.ts";
import { letGoOfHead } from "./head.ts";
import { mcpRoute } from "./mcp/route.ts";
import { ownPagesOnly } from "./own-pages.ts";
import { problemResponse, Refusal } from "./refusal.ts";
import { logRequests } from "./request-log.ts";
import { type ApiEnv, newRouter } from "./router.ts";
import { analyticsRoutes } from "./routes/analytics.ts";
import { assetRoutes } from "./routes/assets.ts";
import { auditRoute } from "./routes/audit.ts";
import { authRoutes } from "./routes/auth.ts";
import { collectionRoutes } from "./routes/collections.ts";
import { deadLetterRoutes } from "./routes/dead-letters.ts";
import { deletionRoutes } from "./routes/deletions.ts";
import { edgeProjectRoute } from "./routes/edge-project.ts";
import { eventsRoute } from "./routes/events.ts";
import { exportRoute } from "./routes/export.ts";
import { firstRunRoute } from "./routes/first-run.ts";
import { healthRoutes } from "./routes/health.ts";
import { importRoutes } from "./routes/import.ts";
import { installationRoute } from "./routes/installation.ts";
import { invitationRoutes } from "./routes/invitations.ts";
import { keyRoutes } from "./routes/keys.ts";
import { ledgerRoute } from "./routes/ledger.ts";
import { listSessionsRoutes } from "./routes/list-sessions.ts";
import { liveRoutes } from "./routes/live.ts";
import { memberRoutes } from "./routes/members.ts";
import { notesRoutes } from "./routes/notes.ts";
import { oidcRoutes } from "./routes/oidc.ts";
import { originalRoutes } from "./routes/original.ts";
import { ownSessionRoutes } from "./routes/own-sessions.ts";
import { peopleRoutes } from "./routes/people.ts";
import { projectSettingsRoutes } from "./routes/project-settings.ts";
import { projectsRoutes } from "./routes/projects.ts";
import { redactionRoutes } from "./routes/redactions.ts";
import { searchRoute } from "./routes/search.ts";
import { segmentRoutes } from "./routes/segments.ts";
import { sessionRoute } from "./routes/session.ts";
import { sharedRoutes } from "./routes/shared.ts";
import { shareRoutes } from "./routes/shares.ts";
import { singleSignOnRoutes } from "./routes/single-sign-on.ts";
import { sourceMapRoutes } from "./routes/source-maps.ts";
import { sqlRoute } from "./routes/sql.ts";
import { timelineRoutes } from "./routes/timeline.ts";
import { usageRoute } from "./routes/usage.ts";
import { watchedRoutes } from "./routes/watched.ts";
import type { Services } from "./services.ts";

/** No other request that this API takes has a longer body: a thousand session ids are 39 kB. Routes of files bound theirs. */
const BODY_BYTES_MAX = 64 * 1024;

const shortBody = bodyLimit({
  maxSize: BODY_BYTES_MAX,
  onError: () => {
    throw new Refusal("body_too_large");
  },
});

/** Whose body is a file. */
const UPLOADS: [method: string, path: RegExp][] = [
  ["POST", /^\/v1\/projects\/[^/]+\/import$/],
  ["PUT", /^\/v1\/projects\/[^/]+\/source-maps$/],
];

function isUpload({ method, path }: { method: string; path: string }): boolean {
  return UPLOADS.some(([of, pattern]) => method === of && pattern.test(path));
}

/** What the typed client knows of the API: paths, parameters, answers. */
export type ApiType = ReturnType<typeof routes>;

export function createApp(services: Services) {
  const app = newRouter();
  app.onError(toProblem(services));
  app.notFound(() => problemResponse(new Refusal("not_found")));
  app.use(
    letGoOfHead,
    logRequests(services),
    (c, next) => headersFor(c.req.path)(c, next),
    unlessCached,
    compress({ contentTypeFilter: /^(application\/(json|x-ndjson|problem\+json)|text\/(?!event-stream))/ }),
    (c, next) => (isUpload(c.req) ? next() : shortBody(c, next)),
    methodNotAllowed({
      app,
      onMethodNotAllowed: (_, methods) => {
        const response = problemResponse(new Refusal("method_not_allowed"));
        response.headers.set("allow", methods.join(", "));
        return response;
      },
    }),
  );
  app.use("/v1/*", ownPagesOnly(services.settings), identify(services));
  app.use("/mcp", ownPagesOnly(services.settings), identify(services));
  app.use("/v1/projects/:project_id/*", readersOnly(services));
  app.route("/", routes(services));
  app.route(
    "/",
    mcpRoute((path, init) => app.request(path, init)),
  );
  for (const [name, scheme] of Object.entries(SECURITY_SCHEMES)) {
    app.openAPIRegistry.registerComponent("securitySchemes", name, scheme);
  }
  app.route(
    "/",
    documentation(() => app.getOpenAPI31Document(DOCUMENT_INFO)),
  );
  return app;
}

function routes(services: Services) {
  return newRouter()
    .route("/", healthRoutes(services))
    .route("/", edgeProjectRoute(services))
    .route("/", authRoutes(services))
    .route("/", firstRunRoute(services))
    .route("/", oidcRoutes(services))
    .route("/", ownSessionRoutes(services))
    .route("/", projectsRoutes(services))
    .route("/", installationRoute(services))
    .route("/", keyRoutes(services))
    .route("/", memberRoutes(services))
    .route("/", invitationRoutes(services))
    .route("/", singleSignOnRoutes(services))
    .route("/", projectSettingsRoutes(services))
    .route("/", auditRoute(services))
    .route("/", listSessionsRoutes(services))
    .route("/", segmentRoutes(services))
    .route("/", sessionRoute(services))
    .route("/", eventsRoute(services))
    .route("/", ledgerRoute(services))
    .route("/", liveRoutes(services))
    .route("/", assetRoutes(services))
    .route("/", timelineRoutes(services))
    .route("/", searchRoute(services))
    .route("/", exportRoute(services))
    .route("/", importRoutes(services))
    .route("/", shareRoutes(services))
    .route("/", sharedRoutes(services))
    .route("/", usageRoute(services))
    .route("/", peopleRoutes(services))
    .route("/", notesRoutes(services))
    .route("/", watchedRoutes(services))
    .route("/", collectionRoutes(services))
    .route("/", deletionRoutes(services))
    .route("/", redactionRoutes(services))
    .route("/", deadLetterRoutes(services))
    .route("/", analyticsRoutes(services))
    .route("/", sqlRoute(services))
    .route("/", sourceMapRoutes(services))
    .route("/", originalRoutes(services));
}

const forData = secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } });
const forPages = secureHeaders({ contentSecurityPolicy: DOCUMENTATION_POLICY });
/** An SVG that somebody opens by itself is a document: it may style itself, and nothing else. */
const forAssets = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'unsafe-inline'"],
    sandbox: [],
    frameAncestors: ["'none'"],
  },
});

function headersFor(path: string): MiddlewareHandler {
  if (path.startsWith("/docs")) return forPages;
  return /\/assets\/[^/]+$/.test(path) ? forAssets : forData;
}

/** Answers hold people's data: what does not say otherwise is kept by no cache. */
const unlessCached: MiddlewareHandler = async (c, next) => {
  await next();
  if (!c.res.headers.has("cache-control")) c.res.headers.set("cache-control", "no-store");
};

function toProblem({ log }: Services): ErrorHandler<ApiEnv> {
  return (error, c) => {
    const refusal = toRefusal(error);
    if (refusal.code === "internal" && !c.req.raw.signal.aborted) log.error(describe(error), "a request failed");
    if (refusal.code === "storage_unavailable") log.warn(describe(refusal.cause), refusal.extra.detail);
    return problemResponse(refusal);
  };
}

function toRefusal(error: Error): Refusal {
  if (error instanceof Refusal) return error;
  // What Hono itself refuses: a body that is not JSON, or does not say so.
  if (error instanceof HTTPException && error.status === 400) return new Refusal("body_malformed");
  if (error instanceof HTTPException && error.status === 415) return new Refusal("content_type_unknown");
  return new Refusal("internal", {}, { cause: error });
}

/** Without queries and their parameters, which may name people: the drivers attach them, ClickHouse quotes them. */
function describe(error: unknown) {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = "code" in error ? error.code : undefined;
  const message = error.message.split(/: in scope|: while/i)[0]?.slice(0, 300);
  const at = error.stack?.split("\n").filter((line) => line.startsWith("    at "));
  return { error: { name: error.name, code, message, at: at?.slice(0, 8) } };
}
