/** The list that one came to a session from: it travels in the session's address, for the way back to it and on in it. */

const PARAM = "list";

/** A session's path, or one below it, with the list. @param search of the list's address */
export function inList(path: string, search: string): string {
  return `${path}?${new URLSearchParams({ [PARAM]: search.replace(/^\?/, "") })}`;
}

/** The search of the list's address; null where one came from elsewhere. @param search of the session's address */
export function listOf(search: URLSearchParams): URLSearchParams | null {
  const list = search.get(PARAM);
  return list === null ? null : new URLSearchParams(list);
}
