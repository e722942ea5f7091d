/** What a role may do here; the API holds it, pages only leave out what it would refuse. */
export type Role = "owner" | "admin" | "member" | "viewer" | "read_key";

/** Change settings, members and keys; delete recordings, take along what is kept of a person. */
export function mayManage(role: Role | null): boolean {
  return role === "owner" || role === "admin";
}

/** Save segments, fill collections, write notes, share. */
export function mayChange(role: Role | null): boolean {
  return mayManage(role) || role === "member";
}

const GIVEN = [
  { value: "owner", label: "Owner" },
  { value: "admin", label: "Admin" },
  { value: "member", label: "Member" },
  { value: "viewer", label: "Viewer" },
];

/** The roles that somebody with this one may give: owners are made by owners. */
export function rolesToGive(role: Role | null): { value: string; label: string }[] {
  return GIVEN.filter(({ value }) => value !== "owner" || role === "owner");
}
