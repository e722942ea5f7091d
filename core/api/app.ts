import { newRouter } from "./router.ts";
import { analyticsRoutes } from "./routes/analytics.ts";
import { authRoutes } from "./routes/auth.ts";
import { eventsRoute } from "./routes/events.ts";
import { ledgerRoute } from "./routes/ledger.ts";
import { listSessionsRoute } from "./routes/list-sessions.ts";
import { projectsRoutes } from "./routes/projects.ts";
import { sessionRoute } from "./routes/session.ts";
import { timelineRoute } from "./routes/timeline.ts";
import type { Services } from "./services.ts";

export function createApp(services: Services) {
  return newRouter()
    .route("/", authRoutes(services))
    .route("/", projectsRoutes(services))
    .route("/", listSessionsRoute(services))
    .route("/", sessionRoute(services))
    .route("/", eventsRoute(services))
    .route("/", ledgerRoute(services))
    .route("/", timelineRoute(services))
    .route("/", analyticsRoutes(services));
}

/** What the typed client knows of the API: paths, parameters, answers. */
export type ApiType = ReturnType<typeof createApp>;
