/** Every kind of filter that the sessions list has: how it is called, what it takes, how it reads, and the API's name for it. */
import { isUuid } from "../uuid.ts";
import { choice, condition, day, type FilterKind, flag, seconds, text } from "./filter-kind.ts";

const EVENT_NAME_MAX = 200;
const USER_ID_MAX = 256;

export const KINDS: readonly FilterKind[] = [
  text({ name: "user", label: "Person", group: "Who", verb: "person contains", hint: "id or e-mail contains …" }),
  {
    ...text({ name: "person", label: "Person’s exact id", group: "Who", verb: "shows", hint: "the site’s id" }),
    accepts: (given) => (given === "" || given.length > USER_ID_MAX ? null : given),
  },
  condition({ name: "trait", label: "Trait", group: "Who", hint: "plan = pro, seats >= 5, company ~ acme" }),
  {
    ...text({
      name: "country",
      label: "Country",
      group: "Who",
      verb: "from",
      hint: "two letters: DE",
      facet: "country",
    }),
    accepts: (given) => (/^[a-z]{2}$/i.test(given) ? given.toUpperCase() : null),
  },
  text({ name: "url", label: "Path or address contains", group: "Where", verb: "path contains" }),
  text({ name: "path", label: "Path", group: "Where", verb: "visited", hint: "exactly: /checkout", facet: "path" }),
  text({ name: "referrer", label: "Came from", group: "Where", verb: "came from" }),
  text({ name: "release", label: "Release", group: "Where", verb: "release", hint: "exactly", facet: "release" }),

  flag({
    name: "errors",
    param: "has_errors",
    label: "Errors",
    group: "Trouble",
    yes: "with errors",
    no: "without errors",
  }),
  flag({
    name: "rage",
    param: "has_rage_clicks",
    label: "Rage clicks",
    group: "Trouble",
    yes: "with rage clicks",
    no: "without rage clicks",
  }),
  flag({
    name: "dead",
    param: "has_dead_clicks",
    label: "Dead clicks",
    group: "Trouble",
    yes: "with dead clicks",
    no: "without dead clicks",
  }),
  flag({
    name: "failed",
    param: "has_failed_requests",
    label: "Failed requests",
    group: "Trouble",
    yes: "with failed requests",
    no: "without failed requests",
  }),
  flag({
    name: "console_errors",
    param: "has_console_errors",
    label: "Console errors",
    group: "Trouble",
    yes: "with console errors",
    no: "without console errors",
  }),
  text({ name: "error", label: "Error’s message", group: "Trouble", verb: "error contains" }),
  text({ name: "console", label: "Console message", group: "Trouble", verb: "console contains" }),

  {
    ...text({
      name: "event",
      label: "Event",
      group: "What happened",
      verb: "had",
      hint: "its exact name, as bought or $click",
    }),
    accepts: eventName,
  },
  condition({
    name: "property",
    label: "Property of the event",
    group: "What happened",
    hint: "total >= 100, currency = EUR",
    needs: "event",
  }),
  text({ name: "seen", label: "Text on the page", group: "What happened", verb: "could read" }),
  text({ name: "request_url", label: "Request’s address", group: "What happened", verb: "asked for" }),
  {
    ...text({
      name: "request_status",
      label: "Request’s status",
      group: "What happened",
      verb: "a request answered",
      hint: "404, or 5xx",
    }),
    accepts: (given) => (/^[1-5](\d\d|xx)$/.test(given) ? given : null),
    choices: ["4xx", "5xx", "404", "500"].map((value) => ({ value, label: value })),
  },

  text({ name: "browser", label: "Browser", group: "Device", verb: "browser is", hint: "its name", facet: "browser" }),
  text({ name: "os", label: "Operating system", group: "Device", verb: "on", hint: "its name", facet: "os" }),
  text({
    name: "device",
    label: "Kind of device",
    group: "Device",
    verb: "device is",
    hint: "mobile, desktop …",
    facet: "device",
  }),

  seconds({ name: "longer", param: "min_duration_ms", label: "Longer than", group: "Time", verb: "longer than" }),
  seconds({ name: "shorter", param: "max_duration_ms", label: "Shorter than", group: "Time", verb: "shorter than" }),
  seconds({
    name: "active",
    param: "min_active_ms",
    label: "Active for at least",
    group: "Time",
    verb: "active for at least",
  }),
  day({ name: "from", label: "Began on or after", group: "Time", verb: "since" }),
  day({ name: "to", label: "Began before", group: "Time", verb: "before" }),

  choice({
    name: "watched",
    label: "Watched",
    group: "Recording",
    choices: [
      { value: "nobody", label: "not watched by anyone" },
      { value: "me", label: "watched by me" },
      { value: "anyone", label: "watched by anyone" },
    ],
  }),
  flag({ name: "live", label: "Live", group: "Recording", yes: "live now", no: "not live" }),
  flag({ name: "complete", label: "Complete", group: "Recording", yes: "complete", no: "not complete" }),
  choice({
    name: "incomplete_why",
    label: "Why incomplete",
    group: "Recording",
    choices: [
      { value: "missing", label: "batches are missing" },
      { value: "dropped", label: "the recorder gave up batches" },
      { value: "rejected", label: "batches could not be read" },
      { value: "open", label: "still being recorded" },
      { value: "no_end", label: "its end was not seen" },
    ],
  }),
  {
    name: "collection",
    param: "collection",
    label: "Collection",
    group: "Recording",
    hint: "choose one",
    accepts: (given) => (isUuid(given) ? given.toLowerCase() : null),
    words: (value) => `in ${value}`,
    closed: true,
  },
  choice({
    name: "bots",
    label: "Bots",
    group: "Recording",
    choices: [
      { value: "include", label: "bots too" },
      { value: "only", label: "only bots" },
    ],
  }),
  choice({
    name: "internal",
    label: "Own visits",
    group: "Recording",
    choices: [
      { value: "include", label: "own visits too" },
      { value: "hide", label: "without own visits" },
      { value: "only", label: "only own visits" },
    ],
  }),
];

const byName = new Map(KINDS.map((kind) => [kind.name, kind]));

export function kindNamed(name: string): FilterKind | undefined {
  return byName.get(name);
}

function eventName(given: string): string | null {
  return given !== "" && given.length <= EVENT_NAME_MAX && !given.includes("\0") ? given : null;
}
