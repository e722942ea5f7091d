/** rrweb's events as they come from the API; only what the console itself looks at is typed. */
export interface RrwebEvent {
  type: number;
  /** ms, on the recorded browser's clock */
  timestamp: number;
  data: unknown;
}

/** rrweb's `EventType`. */
export const EVENT_TYPE = { fullSnapshot: 2, incremental: 3, meta: 4, custom: 5 } as const;

/** rrweb's `IncrementalSource`. */
export const SOURCE = { mutation: 0 } as const;

/** rrweb-snapshot's `NodeType`. */
export const NODE_TYPE = { element: 2 } as const;
