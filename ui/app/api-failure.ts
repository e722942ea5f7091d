/** Why the API gave no data, as loaders throw it and error boundaries show it. */
export interface ApiFailure {
  /** The API's own code (protocol/problem.ts), or `api_unreachable`, `api_slow`. */
  code: string;
  title: string;
  detail?: string;
}

export function isApiFailure(value: unknown): value is ApiFailure {
  return typeof value === "object" && value !== null && "code" in value && "title" in value;
}
