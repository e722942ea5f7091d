/** The dashboard and the alerts name only what the parts tell, and leave out nothing that the worker tells. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import dashboardJson from "#infra/grafana/rrhog.json" with { type: "json" };
import { createMetrics as apiMetrics } from "./api/metrics.ts";
import { createMetrics as workerMetrics } from "./worker/metrics.ts";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

const Dashboard = z.object({
  panels: z.array(
    z.object({
      id: z.int(),
      title: z.string(),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      targets: z.array(z.object({ expr: z.string() })).default([]),
    }),
  ),
});
const { panels } = Dashboard.parse(dashboardJson);

const ofWorker = workerMetrics(async () => null).registry.getMetricsAsArray();
const ofApi = apiMetrics().registry.getMetricsAsArray();
/** It runs in workerd: its names are read where it writes them. */
const ofEdge = [...read("edge/routes/metrics.ts").matchAll(/metric\("(\w+)", "\w+"/g)].map(
  ([, name]) => `rrhog_edge_${name}`,
);
const known = new Set([...ofWorker, ...ofApi].map(({ name }) => name).concat(ofEdge, "up"));

/** The metrics in an expression; a histogram by its own name. */
function metricsOf(expression: string): string[] {
  const bare = expression.replaceAll(/"[^"]*"/g, "").replaceAll(/\b(by|without) \([^)]*\)/g, "");
  const words = bare.match(/\b(rrhog|process|nodejs)_\w+|\bup\b/g) ?? [];
  return words.map((word) => (known.has(word) ? word : word.replace(/_(bucket|sum|count)$/, "")));
}

const rules = read("infra/prometheus/rules.yml");
const alerts = [...rules.matchAll(/- alert: (\w+)\n\s+expr: (.+)\n/g)].map(([, name = "", expr = ""]) => ({
  name,
  expr,
}));

describe("the dashboard", () => {
  const used = new Set(panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsOf(expr))));

  it("names only metrics that there are", () => {
    expect(used.size).toBeGreaterThan(0);
    expect([...used].filter((name) => !known.has(name))).toEqual([]);
  });

  it("has a panel for each metric of the worker and of the edge", () => {
    // Of the process there are dozens; it has those that say something.
    const own = ofWorker.map(({ name }) => name).filter((name) => !/^rrhog_worker_(process|nodejs)_/.test(name));
    expect([...own, ...ofEdge].filter((name) => !used.has(name))).toEqual([]);
  });

  it("has no two panels in one place, or with one number", () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});

describe("the alerts", () => {
  it("are read whole", () => {
    expect(alerts).toHaveLength(rules.match(/^\s+- alert:/gm)?.length ?? 0);
    expect(alerts.length).toBeGreaterThan(0);
  });

  it.each(alerts)("$name names only metrics that there are, and the handbook has it", ({ name, expr }) => {
    expect(metricsOf(expr).length).toBeGreaterThan(0);
    expect(metricsOf(expr).filter((metric) => !known.has(metric))).toEqual([]);
    expect(read("docs/operations.md")).toContain(`\`${name}\``);
    expect(read("infra/prometheus/rules.test.yml")).toContain(`alertname: ${name}`);
  });
});
