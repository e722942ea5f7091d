import { index, layout, prefix, type RouteConfig, route } from "@react-router/dev/routes";

export default [
  index("routes/home.ts"),
  route("sign-in", "routes/sign-in.tsx"),
  route("first-run", "routes/first-run.tsx"),
  route("renew", "routes/renew.ts"),
  route("sign-out", "routes/sign-out.ts"),
  route("invitations/:token", "routes/invitation.tsx"),
  route("system-health", "routes/system-health.ts"),

  ...prefix("projects/:projectId", [
    layout("routes/project.tsx", [
      index("routes/project-home.ts"),
      route("sessions", "routes/sessions.tsx"),
      route("sessions/:sessionId", "routes/session.tsx"),
      route("live", "routes/live.tsx"),
      route("people", "routes/people.tsx"),
      route("people/:userId", "routes/person.tsx"),
      route("collections", "routes/collections.tsx"),
      route("dashboards", "routes/dashboards.tsx"),
      route("settings", "routes/settings.tsx", [
        index("routes/settings-home.ts"),
        route("keys", "routes/settings-keys.tsx"),
        route("members", "routes/settings-members.tsx"),
        route("recording", "routes/settings-recording.tsx"),
        route("limits", "routes/settings-limits.tsx"),
        route("privacy", "routes/settings-privacy.tsx"),
        route("assets", "routes/settings-assets.tsx"),
        route("sharing", "routes/settings-sharing.tsx"),
        route("data", "routes/settings-data.tsx"),
        route("audit", "routes/settings-audit.tsx"),
      ]),
      route("*", "routes/not-found.tsx", { id: "project-not-found" }),
    ]),
    route("settings/dead-letters/:letterId", "routes/dead-letter.ts"),
    route("sessions/count", "routes/sessions-count.ts"),
    route("sessions/facets", "routes/sessions-facets.ts"),
    route("sessions/live", "routes/sessions-live.ts"),
    route("sessions/bulk", "routes/sessions-bulk.ts"),
    route("segments", "routes/segments.ts"),
    route("people/:userId/data", "routes/person-data.ts"),
    route("people/:userId/export", "routes/person-export.ts"),
    route("sessions/:sessionId/preview", "routes/sessions-preview.ts"),
    route("sessions/:sessionId/neighbours", "routes/session-neighbours.ts"),
    route("sessions/:sessionId/events", "routes/session-events.ts"),
    route("sessions/:sessionId/live", "routes/session-live.ts"),
    route("sessions/:sessionId/notes", "routes/session-notes.ts"),
    route("sessions/:sessionId/watched", "routes/session-watched.ts"),
    route("sessions/:sessionId/transcript", "routes/session-transcript.ts"),
    route("sessions/:sessionId/export", "routes/session-export.ts"),
    route("sessions/:sessionId/shares", "routes/session-shares.ts"),
  ]),
  // Under the API's own path, which is what stands in the events: security.ts lets pictures come from below it.
  route("v1/projects/:projectId/assets/:hash", "routes/asset.ts"),
  route("v1/auth/oidc/:step", "routes/oidc.ts"),

  // For whoever has a link: without sign-in, outside of every project.
  route("shared/:token", "routes/shared.tsx"),
  route("shared/:token/events", "routes/shared-events.ts"),
  route("v1/shared/:token/assets/:hash", "routes/shared-asset.ts"),

  route("*", "routes/not-found.tsx"),
] satisfies RouteConfig;
