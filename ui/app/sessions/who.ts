/** Who a session belongs to, as lists and titles name them. */
interface Visitor {
  session_id: string;
  user_id: string | null;
  user_email: string | null;
}

/** The e-mail, else the site's own id for the person, else `anonymous 3f9a`. */
export function who({ session_id, user_id, user_email }: Visitor): string {
  return user_email ?? user_id ?? `anonymous ${session_id.slice(0, 4)}`;
}

export function isAnonymous({ user_id, user_email }: Visitor): boolean {
  return user_email === null && user_id === null;
}
