import { JetStreamApiError } from "@nats-io/jetstream";
import { InvalidArgumentError, PermissionViolationError, RequestError, TimeoutError } from "@nats-io/nats-core";
import type { NoPubAckReason } from "./interface.ts";

/** nats-server's err_code values (server/errors.json) that mean: no room. */
const NO_ROOM = new Set([
  10077, // JSStreamStoreFailedF: "maximum bytes exceeded", "maximum messages exceeded"
  10047, // JSStorageResourcesExceededErr
  10023, // JSInsufficientResourcesErr
]);

/** JSStreamMessageExceedsMaximumErr: over the stream's `max_msg_size`. */
const TOO_LARGE = 10054;

/** Why a publish brought no PubAck, by the error that the client threw. */
export function refusalReason(error: unknown): NoPubAckReason {
  if (error instanceof TimeoutError) return "timeout";
  if (error instanceof JetStreamApiError) {
    if (error.code === TOO_LARGE) return "message_too_large";
    return NO_ROOM.has(error.code) ? "stream_full" : "refused";
  }
  // Over the server's `max_payload`: the client does not send it. It hands the error on as it is or as a cause.
  if (error instanceof InvalidArgumentError) return "message_too_large";
  if (error instanceof PermissionViolationError) return "refused";
  // Nobody listens on the subject. The client wraps that in a class which it does not export.
  if (error instanceof Error && error.cause instanceof RequestError && error.cause.isNoResponders()) return "no_stream";
  if (error instanceof RequestError) {
    // The client hands a refused permission on as the cause, and a socket that closed under a request without one.
    return error.cause instanceof PermissionViolationError ? "refused" : "connection_lost";
  }
  return "refused";
}
