import { JetStreamApiError } from "@nats-io/jetstream";
import { PermissionViolationError, RequestError, TimeoutError } from "@nats-io/nats-core";
import type { NotDurableReason } from "./interface.ts";

/** nats-server's err_code values (server/errors.json) that mean: no room. */
const NO_ROOM = new Set([
  10077, // JSStreamStoreFailedF: "maximum bytes exceeded", "maximum messages exceeded"
  10047, // JSStorageResourcesExceededErr
  10023, // JSInsufficientResourcesErr
]);

/** Why a publish brought no PubAck, by the error that the client threw. */
export function refusalReason(error: unknown): NotDurableReason {
  if (error instanceof TimeoutError) return "timeout";
  if (error instanceof JetStreamApiError) return NO_ROOM.has(error.code) ? "stream_full" : "refused";
  if (error instanceof PermissionViolationError) return "refused";
  // Nobody listens on the subject. The client wraps that in a class which it does not export.
  if (error instanceof Error && error.cause instanceof RequestError && error.cause.isNoResponders()) return "no_stream";
  if (error instanceof RequestError) {
    // The client hands a refused permission on as the cause, and a socket that closed under a request without one.
    return error.cause instanceof PermissionViolationError ? "refused" : "connection_lost";
  }
  return "refused";
}
