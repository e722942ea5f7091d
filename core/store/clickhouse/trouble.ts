import { ClickHouseError } from "@clickhouse/client-web";

/** Codes by which ClickHouse says that it takes nothing now, whoever asks (src/Common/ErrorCodes.cpp). */
const TROUBLE = new Set([
  "16", // NO_SUCH_COLUMN_IN_TABLE: not migrated yet
  "60", // UNKNOWN_TABLE
  "74", // CANNOT_READ_FROM_FILE_DESCRIPTOR
  "75", // CANNOT_WRITE_TO_FILE_DESCRIPTOR
  "76", // CANNOT_OPEN_FILE
  "81", // UNKNOWN_DATABASE
  "164", // READONLY
  "202", // TOO_MANY_SIMULTANEOUS_QUERIES
  "209", // SOCKET_TIMEOUT
  "210", // NETWORK_ERROR
  "225", // NO_ZOOKEEPER
  "236", // ABORTED
  "242", // TABLE_IS_READ_ONLY
  "243", // NOT_ENOUGH_SPACE
  "252", // TOO_MANY_PARTS
  "285", // TOO_FEW_LIVE_REPLICAS
  "319", // UNKNOWN_STATUS_OF_INSERT
  "394", // QUERY_WAS_CANCELLED
  "439", // CANNOT_SCHEDULE_TASK
  "497", // ACCESS_DENIED
  "499", // S3_ERROR
  "516", // AUTHENTICATION_FAILED
  "999", // KEEPER_EXCEPTION
]);

/** TIMEOUT_EXCEEDED; or what fetch, or the client, says when it has waited for long enough. */
export function isClickHouseLate(error: unknown): boolean {
  if (error instanceof ClickHouseError) return error.code === "159";
  return error instanceof Error && (error.name === "TimeoutError" || error.message === "Timeout error.");
}

export function isClickHouseTrouble(error: unknown): boolean {
  return error instanceof ClickHouseError && TROUBLE.has(error.code);
}
