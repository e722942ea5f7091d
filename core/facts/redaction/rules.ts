/** What a project wants made unreadable in its recordings. Each change is a new version; rows say which made them. */
import * as z from "zod";
import { storableInJson } from "#protocol/storable.ts";

/** Own expressions of a project, and their length. They run over all visible text, so they are few. */
export const OWN_RULES_MAX = 20;
const PATTERN_LENGTH_MAX = 200;

export const OwnRule = z.strictObject({
  /** For people: receipts and dry runs count by it. */
  name: storableInJson.trim().min(1).max(64),
  /** RE2's syntax: no backreferences, no lookaround. See own.ts. */
  pattern: storableInJson.min(1).max(PATTERN_LENGTH_MAX),
});
export type OwnRule = z.infer<typeof OwnRule>;

/** Missing members are as in `DEFAULT_RULES`; those of a newer release are ignored. */
export const RedactionRules = z.object({
  cards: z.boolean().default(true),
  emails: z.boolean().default(false),
  ibans: z.boolean().default(false),
  jwts: z.boolean().default(false),
  keys: z.boolean().default(false),
  own: z.array(OwnRule).max(OWN_RULES_MAX).default([]),
});
export type RedactionRules = z.infer<typeof RedactionRules>;

/** Of a project that has never changed them. */
export const DEFAULT_RULES: RedactionRules = RedactionRules.parse({});

/** What is counted by. All own expressions are one. */
export const RULE_NAMES = ["card", "email", "iban", "jwt", "key", "own"] as const;
export type RuleName = (typeof RULE_NAMES)[number];
export type RuleCounts = Partial<Record<RuleName, number>>;

export function addCounts(sum: RuleCounts, more: RuleCounts): void {
  for (const rule of RULE_NAMES) {
    const count = more[rule];
    if (count) sum[rule] = (sum[rule] ?? 0) + count;
  }
}
