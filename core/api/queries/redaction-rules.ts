/** A project's redaction rules: each change is a new version, which the worker goes by from its next lot on. */
import { z } from "@hono/zod-openapi";
import { DEFAULT_RULES, OwnRule, RedactionRules } from "#core/facts/redaction/rules.ts";
import type { Queryable, Sql } from "#core/store/postgres/client.ts";
import { rulesNow } from "#core/store/postgres/redaction-rules.ts";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import { askPostgres } from "../engines/answer.ts";

export const RulesAnswer = z
  .object({
    version: z.int().openapi({ description: "rows that were made by it carry this number" }),
    cards: z.boolean(),
    emails: z.boolean(),
    ibans: z.boolean(),
    jwts: z.boolean(),
    keys: z.boolean(),
    own: z.array(OwnRule),
  })
  .openapi("RedactionRules");
export type RulesAnswer = z.infer<typeof RulesAnswer>;

export async function rulesOfProject(sql: Sql, projectId: number): Promise<RulesAnswer> {
  return askPostgres(readRules(sql, projectId));
}

/**
 * @param change members to set; `own` as a whole
 * @returns the rules afterwards; of a new version where they differ
 */
export async function changeRules(
  sql: Sql,
  projectId: number,
  change: Partial<RedactionRules>,
  personId: string,
): Promise<RulesAnswer> {
  return askPostgres(
    inTransaction(sql, async (transaction) => {
      // One change at a time: the next one's number rests on this one's.
      await transaction`SELECT FROM projects WHERE id = ${projectId} FOR UPDATE`;
      const { version, ...before } = await readRules(transaction, projectId);
      const rules = RedactionRules.parse({ ...before, ...change });
      if (JSON.stringify(rules) === JSON.stringify(before)) return { version, ...rules };
      await transaction`
        INSERT INTO redaction_rules (project_id, version, rules, changed_by)
        VALUES (${projectId}, ${version + 1}, ${transaction.json(rules)}, ${personId})`;
      return { version: version + 1, ...rules };
    }),
  );
}

/** Stored ones may be of another release, whose members are ignored. */
async function readRules(sql: Queryable, projectId: number): Promise<RulesAnswer> {
  const { version, rules } = await rulesNow(sql, projectId);
  return { version, ...RedactionRules.parse(rules ?? DEFAULT_RULES) };
}
