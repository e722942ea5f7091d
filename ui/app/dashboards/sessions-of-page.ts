/** What is counted over: all that is recorded, also what lists leave out. */
const ALL = { bots: "include", internal: "include" } as const;

/** The list of the sessions that a page is counted with: by its exact path, since every path contains `/`. */
export function sessionsOfPage(path: string, projectId: number, search: URLSearchParams): string {
  const target = new URLSearchParams({ path, ...ALL });
  const period = search.get("period");
  if (period) target.set("period", period);
  return `/projects/${projectId}/sessions?${target}`;
}
