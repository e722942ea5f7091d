/** People beside the demo owner, who sign in with the same password. */
import { randomUUID } from "node:crypto";
import type { Project } from "../queries/projects.ts";
import type { TestApi } from "./api.ts";

export interface TestPerson {
  id: string;
  name: string;
  /** `Cookie` that signs them in, and what a JSON body needs. */
  headers: Record<string, string>;
}

/** Somebody new, with a role in a project. */
export async function joined(api: TestApi, role: Project["role"], projectId = 1): Promise<TestPerson> {
  const email = `${randomUUID()}@example.com`;
  const name = `The ${role}`;
  const [user] = await api.sql<[{ id: string }]>`
    INSERT INTO users (email, name, email_verified) VALUES (${email}, ${name}, true) RETURNING id`;
  await api.sql`
    INSERT INTO auth_accounts (user_id, provider_id, account_id, password, updated_at)
    SELECT ${user.id}, 'credential', ${user.id}, password, now() FROM auth_accounts LIMIT 1`;
  await api.sql`INSERT INTO memberships ${api.sql({ project_id: projectId, user_id: user.id, role })}`;
  return { id: user.id, name, headers: { ...(await signedIn(api, email)), "content-type": "application/json" } };
}

const TRIES = 20;

/** A machine that is busy with other tests may answer that the database is away. */
async function signedIn(api: TestApi, email: string): Promise<Record<string, string>> {
  for (let tries = 0; tries < TRIES; tries++) {
    const headers = await api.signIn(email);
    if (!headers.cookie?.endsWith("=")) return headers;
  }
  throw new Error(`${email} cannot sign in`);
}
