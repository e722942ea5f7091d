/** People, and how they come to be: by the first run, by an invitation, by single sign-on. */
import { z } from "@hono/zod-openapi";
import { hashPassword } from "better-auth/crypto";
import type { Queryable } from "#core/store/postgres/client.ts";
import { prose } from "../parameters.ts";

export const Person = z.object({ id: z.string(), email: z.string(), name: z.string() }).openapi("Person");
export type Person = z.infer<typeof Person>;

/** A person as the others of a project see them. */
export const Colleague = Person.omit({ email: true }).openapi("Colleague");

/** Long enough that guessing is hopeless; that of which it is made is the person's own matter. */
export const Password = z.string().min(10).max(128);

export const PersonName = prose(100);

/** As addresses are stored: two that differ in case are one person. */
export const Email = z.email().max(254).toLowerCase();

export interface NewPerson {
  name: string;
  /** Hashed already, so that no transaction waits for it; null for who signs in elsewhere. */
  passwordHash: string | null;
}

export async function newPerson({ name, password }: { name: string; password: string }): Promise<NewPerson> {
  return { name, passwordHash: await hashPassword(password) };
}

/** @throws where the address is somebody's */
export async function createPerson(
  sql: Queryable,
  { name, passwordHash, email, isEmailVerified }: NewPerson & { email: string; isEmailVerified: boolean },
): Promise<Person> {
  const [{ id }] = await sql<[{ id: string }]>`
    INSERT INTO users (email, name, email_verified) VALUES (${email}, ${name}, ${isEmailVerified}) RETURNING id`;
  if (passwordHash !== null) {
    await sql`
      INSERT INTO auth_accounts (user_id, provider_id, account_id, password, updated_at)
      VALUES (${id}, 'credential', ${id}, ${passwordHash}, now())`;
  }
  return { id, email, name };
}

export async function personByEmail(sql: Queryable, email: string): Promise<Person | null> {
  const [row] = await sql`SELECT id, email, name FROM users WHERE email = ${email}`;
  return row ? Person.parse(row) : null;
}
