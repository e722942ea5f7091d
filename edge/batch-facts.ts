import * as z from "zod";
import { BatchFacts } from "#protocol/batch.ts";
import {
  SEQ_MAX,
  TIMESTAMP_MS_MAX,
  URL_LENGTH_MAX,
  USER_ID_LENGTH_MAX,
  WINDOW_ID_LENGTH_MAX,
} from "#protocol/limits.ts";
import { problemIssues } from "#protocol/problem.ts";
import { accept, type Result, refuse } from "./rejection.ts";

/** What a batch says beside its events, and in the JSON format the key that it may name. */
const Facts = BatchFacts.extend({ project_write_key: z.string().max(256).nullish() });
export type Facts = z.infer<typeof Facts>;

/**
 * @param raw as JSON or the query tells it
 * @param where before the path of each issue: `?` for the query
 */
export function readFacts(raw: unknown, where = ""): Result<Facts> {
  if (isUsual(raw)) return accept({ ...raw, seq: raw.seq ?? 0, session_id: raw.session_id?.toLowerCase() });
  const read = Facts.safeParse(raw);
  return read.success ? accept(read.data) : refuse("body_malformed", { issues: problemIssues(read.error, where) });
}

const STRING_LENGTHS = { url: URL_LENGTH_MAX, sdk: 64, release: 128, environment: 64, project_write_key: 256 };
const GUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;
const WINDOW = /^[\x21-\x7e]*$/;

type Usual = Omit<Facts, "seq" | "session_id"> & { seq?: number; session_id?: string };

/**
 * Whether these are facts as recorders send them, by hand: zod takes as long for them as for all else that is done here,
 * since the platform lets no code be made at run time. What is not usual goes to zod, which decides and explains.
 * batch-facts.test.ts holds the two against each other.
 */
function isUsual(raw: unknown): raw is Usual {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return false;
  // Not by Object.entries, which makes an array of each member.
  for (const name in raw) {
    if (!isUsualMember(name, (raw as Record<string, unknown>)[name])) return false;
  }
  return true;
}

function isUsualMember(name: string, value: unknown): boolean {
  switch (name) {
    case "seq":
    case "sealed_through":
      return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= SEQ_MAX;
    case "sealed_at":
      return typeof value === "number" && value >= 0 && value <= TIMESTAMP_MS_MAX;
    case "session_id":
      return typeof value === "string" && GUID.test(value);
    case "window_id":
      return typeof value === "string" && value.length <= WINDOW_ID_LENGTH_MAX && WINDOW.test(value);
    case "url":
    case "sdk":
    case "release":
    case "environment":
    case "project_write_key":
      return typeof value === "string" && value.length <= STRING_LENGTHS[name];
    case "end":
      return typeof value === "boolean";
    case "dropped":
      return Array.isArray(value) && value.length === 0;
    case "user":
      return isUsualUser(value);
    case "events":
      return true;
    default:
      return false;
  }
}

function isUsualUser(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([name, text]) =>
      (name === "id" || name === "email") && typeof text === "string" && text.length <= USER_ID_LENGTH_MAX,
  );
}
