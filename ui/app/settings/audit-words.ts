/** Entries of the audit log in words. */

/** What can be asked for, as the API names it. */
export const ACTIONS: Record<string, string> = {
  "project.created": "made the project",
  "project.renamed": "renamed the project",
  "settings.changed": "changed settings",
  "key.created": "made a key",
  "key.rotated": "rotated a key",
  "key.revoked": "revoked a key",
  "member.joined": "joined",
  "member.role_changed": "changed a role",
  "member.removed": "removed a member",
  "member.left": "left",
  "invitation.created": "invited somebody",
  "invitation.revoked": "revoked an invitation",
  "session.opened": "opened a session",
  "session.played": "played a session",
  "session.deleted": "deleted a session",
  "session.exported": "exported a session",
  "session.imported": "imported a session",
  "person.deleted": "deleted a person's data",
  "person.exported": "exported a person's data",
  "share.created": "shared a session",
  "share.revoked": "revoked a share link",
  "share.opened": "was opened",
  "sql.run": "asked in SQL",
  "redaction.applied": "applied redaction rules",
  "dead_letter.read": "looked into a dead letter",
  "dead_letters.redriven": "drove dead letters again",
  "dead_letters.dropped": "dropped dead letters",
};

/** An action of a newer release stands as it is. */
export function actionInWords(action: string): string {
  return ACTIONS[action] ?? action;
}

/** `name checkout, kind write`: what an entry says beside who did what. */
export function detailInWords(detail: Record<string, unknown>): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name.replaceAll("_", " ")} ${detailValue(value)}`)
    .join(", ");
}

function detailValue(value: unknown): string {
  if (Array.isArray(value)) return value.join(" and ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
