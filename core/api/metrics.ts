import { collectDefaultMetrics, Histogram, Registry } from "prom-client";

/** What the API counts of itself, for Prometheus. Labels are routes, never ids. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requestSeconds: new Histogram({
      name: "rrhog_api_request_duration_seconds",
      help: "Until the answer begins",
      labelNames: ["method", "route", "status"],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers: [registry],
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
