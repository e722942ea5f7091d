import { betterAuth } from "better-auth";
import { PostgresJSDialect } from "kysely-postgres-js";
import type { Sql } from "#core/store/postgres/client.ts";
import type { Settings } from "../settings.ts";

/** How long a sign-in lasts, in seconds. */
export const SIGN_IN_LASTS_S = 7 * 24 * 3_600;

const timestamps = { createdAt: "created_at", updatedAt: "updated_at" } as const;

/**
 * The sign-in library, used as a library: it checks passwords (scrypt) and keeps its tables, none of its own routes is
 * open. infra/postgres/004_sign_in.sql is its schema under the names given here.
 */
export function openBetterAuth(sql: Sql, settings: Pick<Settings, "AUTH_SECRET" | "UI_URL">) {
  return betterAuth({
    database: { dialect: new PostgresJSDialect({ postgres: sql }), type: "postgres" },
    secret: settings.AUTH_SECRET,
    baseURL: settings.UI_URL,
    telemetry: { enabled: false },
    logger: { disabled: true },
    emailAndPassword: { enabled: true, disableSignUp: true },
    advanced: { database: { generateId: "uuid" } },
    user: { modelName: "users", fields: { ...timestamps, emailVerified: "email_verified" } },
    session: {
      modelName: "auth_sessions",
      expiresIn: SIGN_IN_LASTS_S,
      fields: {
        ...timestamps,
        userId: "user_id",
        expiresAt: "expires_at",
        ipAddress: "ip_address",
        userAgent: "user_agent",
      },
    },
    account: {
      modelName: "auth_accounts",
      fields: {
        ...timestamps,
        userId: "user_id",
        accountId: "account_id",
        providerId: "provider_id",
        accessToken: "access_token",
        refreshToken: "refresh_token",
        idToken: "id_token",
        accessTokenExpiresAt: "access_token_expires_at",
        refreshTokenExpiresAt: "refresh_token_expires_at",
      },
    },
    verification: { modelName: "auth_verifications", fields: { ...timestamps, expiresAt: "expires_at" } },
  });
}

export type BetterAuth = ReturnType<typeof openBetterAuth>;
