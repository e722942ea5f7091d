/** Where a person's pages are. Ids are the site's: some of them no path holds, and those stand in the query. */

/** In the path of whom the query names. */
const IN_QUERY = "-";

/** @param below of their page, with its slash: `/data` */
export function personPath(projectId: string | number, userId: string, below = ""): string {
  const people = `/projects/${projectId}/people`;
  if (isOfPath(userId)) return `${people}/${encodeURIComponent(userId)}${below}`;
  return `${people}/${IN_QUERY}${below}?${new URLSearchParams({ id: userId })}`;
}

/** Who the address names. */
export function personOf({ params, request }: { params: { userId: string }; request: Request }): string {
  return new URL(request.url).searchParams.get("id") ?? params.userId;
}

/** Browsers take dot segments out, escaped or not, and the router reads `%2F` of an id as a slash. */
function isOfPath(userId: string): boolean {
  return !/^\.{0,2}$|%2F/.test(userId);
}
