/** A project's keys as its owners see them. A key itself is told once, when it is made. */
import { z } from "@hono/zod-openapi";
import type { Queryable, Sql } from "#core/store/postgres/client.ts";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import { askPostgres } from "../engines/answer.ts";
import { isoDate, storableText } from "../parameters.ts";
import { Refusal } from "../refusal.ts";
import { newSecret } from "../secret.ts";
import { secretHash } from "../secret-hash.ts";
import { type AuditActor, recordAudit } from "./audit.ts";

/** Of those that are not revoked. */
const KEYS_MAX = 100;

/** `rrhog_w_` and some more, enough for a person to recognise a key by. */
const PREFIX_LENGTH = 12;

export const KeyName = storableText
  .trim()
  .max(100)
  .refine((name) => name.isWellFormed(), "half of a character");

export const Key = z
  .object({
    id: z.uuid(),
    kind: z.enum(["write", "read"]),
    name: z.string(),
    prefix: z.string().openapi({ description: "its first characters" }),
    created_at: z.iso.datetime(),
    created_by: z.string().nullable().openapi({ description: "a person's address" }),
    last_used_at: z.iso.datetime().nullable().openapi({
      description: "to within some minutes; of a write key when the edge last asked for it",
    }),
    revoked_at: z.iso.datetime().nullable().openapi({ description: "from when on it is no key; may lie ahead" }),
  })
  .openapi("Key");
export type Key = z.infer<typeof Key>;

export const NewKey = Key.extend({ key: z.string().openapi({ description: "told this once" }) }).openapi("NewKey");
export type NewKey = z.infer<typeof NewKey>;

const Row = Key.extend({ created_at: isoDate, last_used_at: isoDate.nullable(), revoked_at: isoDate.nullable() });

/** Newest first. */
export async function keysOf(sql: Sql, projectId: number): Promise<Key[]> {
  const rows = await askPostgres(sql`
    SELECT ${columns(sql)} FROM project_keys k WHERE project_id = ${projectId} ORDER BY created_at DESC, id LIMIT 500`);
  return z.array(Row).parse(rows);
}

/** @throws Refusal `conflict` where the project has as many as it may have */
export async function createKey(
  sql: Sql,
  projectId: number,
  { kind, name }: Pick<Key, "kind" | "name">,
  actor: AuditActor,
): Promise<NewKey> {
  return askPostgres(
    inTransaction(sql, async (transaction) => {
      await lockProject(transaction, projectId);
      const made = await insertKey(transaction, projectId, { kind, name }, actor);
      const detail = { kind, name, prefix: made.prefix };
      await recordAudit(transaction, actor, { projectId, action: "key.created", target: made.id, detail });
      return made;
    }),
  );
}

/**
 * A new key in the place of an old one, which goes on for `graceS` seconds.
 * @returns null where the project has no such key
 * @throws Refusal `conflict` where that one is revoked, or has a day of its end already
 */
export async function rotateKey(
  sql: Sql,
  projectId: number,
  keyId: string,
  graceS: number,
  actor: AuditActor,
): Promise<NewKey | null> {
  return askPostgres(
    inTransaction(sql, async (transaction) => {
      await lockProject(transaction, projectId);
      const old = await oneKey(transaction, projectId, keyId);
      if (!old) return null;
      if (old.revoked_at !== null) throw new Refusal("conflict", { detail: "this key was revoked or replaced before" });
      const made = await insertKey(transaction, projectId, old, actor);
      await transaction`
        UPDATE project_keys SET revoked_at = now() + ${graceS} * interval '1 second' WHERE id = ${keyId}`;
      const detail = { kind: old.kind, name: old.name, old_prefix: old.prefix, prefix: made.prefix, grace_s: graceS };
      await recordAudit(transaction, actor, { projectId, action: "key.rotated", target: keyId, detail });
      return made;
    }),
  );
}

/** Ends a key now, also one that would have ended later. @returns null where the project has no such key */
export async function revokeKey(sql: Sql, projectId: number, keyId: string, actor: AuditActor): Promise<Key | null> {
  return askPostgres(
    inTransaction(sql, async (transaction) => {
      const revoked = await transaction`
        UPDATE project_keys SET revoked_at = now()
        WHERE project_id = ${projectId} AND id = ${keyId} AND (revoked_at IS NULL OR revoked_at > now())
        RETURNING kind, name, prefix`;
      const [detail] = revoked as unknown as Pick<Key, "kind" | "name" | "prefix">[];
      if (detail) await recordAudit(transaction, actor, { projectId, action: "key.revoked", target: keyId, detail });
      return oneKey(transaction, projectId, keyId);
    }),
  );
}

async function oneKey(sql: Queryable, projectId: number, keyId: string): Promise<Key | null> {
  const [row] = await sql`SELECT ${columns(sql)} FROM project_keys k WHERE project_id = ${projectId} AND id = ${keyId}`;
  return row ? Row.parse(row) : null;
}

async function insertKey(
  sql: Queryable,
  projectId: number,
  { kind, name }: Pick<Key, "kind" | "name">,
  actor: AuditActor,
): Promise<NewKey> {
  const [{ live }] = await sql<[{ live: number }]>`
    SELECT count(*)::int AS live FROM project_keys
    WHERE project_id = ${projectId} AND (revoked_at IS NULL OR revoked_at > now())`;
  if (live >= KEYS_MAX)
    throw new Refusal("conflict", { detail: `a project has at most ${KEYS_MAX} keys; revoke some` });
  const key = `rrhog_${kind === "write" ? "w" : "r"}_${newSecret()}`;
  const row = {
    key_hash: secretHash(key),
    project_id: projectId,
    kind,
    name,
    prefix: key.slice(0, PREFIX_LENGTH),
    created_by: actor.id,
  };
  const [made] = await sql<[{ id: string }]>`INSERT INTO project_keys ${sql(row)} RETURNING id`;
  const stored = await oneKey(sql, projectId, made.id);
  if (!stored) throw new Error("the key that was just made is not there");
  return { ...stored, key };
}

/** One change at a time, so that what was counted still holds. */
async function lockProject(sql: Queryable, projectId: number): Promise<void> {
  await sql`SELECT FROM projects WHERE id = ${projectId} FOR UPDATE`;
}

function columns(sql: Queryable) {
  return sql`
    id, kind, name, prefix, created_at, last_used_at, revoked_at,
    (SELECT email FROM users u WHERE u.id = k.created_by) AS created_by`;
}
