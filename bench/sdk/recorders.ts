/** What is measured side by side: our recorder, three others from npm, rrweb alone, and the page with none. */

/** How a recorder comes into the page, and where it sends what it has recorded. */
export interface Recorder {
  name: string;
  /** The text of a module that starts it; it is bundled and minified. Null: there is none. */
  entry: string | null;
  /** What the page has in its head instead. */
  head?: string;
  /** Whether an address is one of its recording's; all that it sends there is counted. */
  isIngest(path: string): boolean;
}

const ORIGIN = "location.origin";

export const PAGE_ALONE = "page";
export const RRWEB = "rrweb";
export const OURS = "rrhog";

/** Each by its own defaults for replay, and everything else that it can do turned off; ours with all that it does by default. */
export const RECORDERS: Recorder[] = [
  { name: PAGE_ALONE, entry: null, isIngest: () => false },
  {
    name: RRWEB,
    entry: `
      import { record } from "@rrweb/record";
      window.events = [];
      record({ emit: (event) => window.events.push(event), recordAfter: "DOMContentLoaded", slimDOMOptions: true });`,
    isIngest: () => false,
  },
  {
    name: OURS,
    entry: null,
    head: '<script async src="/rrhog.js" data-key="bench"></script>',
    isIngest: (path) => path === "/i",
  },
  {
    name: "posthog",
    entry: `
      import "posthog-js/dist/posthog-recorder";
      import posthog from "posthog-js/dist/module.no-external";
      posthog.init("bench", {
        api_host: ${ORIGIN} + "/posthog",
        autocapture: false, capture_pageview: false, capture_pageleave: false, capture_performance: false,
        disable_surveys: true, opt_out_useragent_filter: true, advanced_disable_feature_flags: true, capture_dead_clicks: false,
      });`,
    isIngest: (path) => path.startsWith("/posthog/s"),
  },
  {
    name: "sentry",
    entry: `
      import * as Sentry from "@sentry/browser";
      Sentry.init({
        dsn: location.protocol + "//bench@" + location.host + "/1",
        integrations: [Sentry.replayIntegration()],
        replaysSessionSampleRate: 1,
      });`,
    isIngest: (path) => path.startsWith("/api/1/envelope"),
  },
  {
    name: "openreplay",
    entry: `
      import Tracker from "@openreplay/tracker";
      const tracker = new Tracker({ projectKey: "bench", ingestPoint: ${ORIGIN} + "/openreplay", __DISABLE_SECURE_MODE: true });
      void tracker.start();`,
    isIngest: (path) => path.startsWith("/openreplay/v1/web/i"),
  },
];
