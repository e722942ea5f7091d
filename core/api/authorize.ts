export const ROLES = ["owner", "admin", "member", "viewer"] as const;
export type Role = (typeof ROLES)[number];

/** A project, and what the caller is in it. */
export interface ProjectAccess {
  projectId: number;
  retentionDays: number;
  role: Role | "read_key";
}
