import { mayManage, type Role } from "../roles.ts";

/** The pages of a project's settings, and who has them. */
export interface SettingsPage {
  to: string;
  label: string;
  /** Of owners and admins alone; the others may look at the rest. */
  managers?: true;
}

const PAGES: readonly SettingsPage[] = [
  { to: "keys", label: "Keys", managers: true },
  { to: "project", label: "Project" },
  { to: "members", label: "Members" },
  { to: "single-sign-on", label: "Single sign-on", managers: true },
  { to: "recording", label: "Recording" },
  { to: "limits", label: "Limits" },
  { to: "privacy", label: "Privacy" },
  { to: "assets", label: "Assets" },
  { to: "sharing", label: "Sharing" },
  { to: "data", label: "Data", managers: true },
  { to: "audit", label: "Audit log", managers: true },
];

/** Those that a person with this role has, as tabs in their order. */
export function pagesFor(role: Role | null): SettingsPage[] {
  return PAGES.filter(({ managers }) => !managers || mayManage(role));
}
