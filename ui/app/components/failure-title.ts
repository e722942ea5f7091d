import { isRouteErrorResponse } from "react-router";
import { isApiFailure } from "../api-failure.ts";

/** What a browser's tab says of a page that failed. */
export function failureTitle(error: unknown): string {
  if (isRouteErrorResponse(error) && error.status === 404) return "Not found · rrHog";
  if (isRouteErrorResponse(error) && isApiFailure(error.data)) return `${error.data.title} · rrHog`;
  return "This page broke · rrHog";
}
