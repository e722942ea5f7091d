import { expect, it } from "vitest";
import { DEFAULT_REQUESTS_PER_SECOND, Limits } from "./limits.ts";

const PROJECT = { project_id: 1, requests_per_second: 10, bytes_per_second: 1_000 };

function limitsAt(shards = 1) {
  let now = 1_700_000_000_000;
  const limits = new Limits(shards, () => now);
  return {
    pass: (seconds: number) => {
      now += seconds * 1_000;
    },
    /** How many of so many batches are let in. */
    letIn: (count: number, bytes = 1, project: Parameters<Limits["take"]>[0] = PROJECT) =>
      Array.from({ length: count }, () => limits.take(project, bytes)).filter((limited) => limited === null).length,
    take: (bytes: number, project: Parameters<Limits["take"]>[0] = PROJECT) => limits.take(project, bytes),
  };
}

it("lets a burst of ten seconds in, and the limit after that", () => {
  const { letIn, pass } = limitsAt();
  expect(letIn(200)).toBe(100);
  pass(3);
  expect(letIn(200)).toBe(30);
  pass(3_600);
  expect(letIn(200)).toBe(100);
});

it("says which limit it was, and when there is room again", () => {
  const { take, letIn, pass } = limitsAt();
  letIn(100);
  expect(take(1)).toEqual({ limit: "project_requests", retry_after_s: 1 });
  pass(60);
  expect(take(25_000)).toBeNull();
  expect(take(1)).toEqual({ limit: "project_bytes", retry_after_s: 16 });
  pass(16);
  expect(take(1)).toBeNull();
});

it("divides a limit by the shards, and takes the default where a project has none", () => {
  expect(limitsAt(4).letIn(200)).toBe(25);
  const free = { ...PROJECT, requests_per_second: null, bytes_per_second: null };
  expect(limitsAt(4).letIn(30_000, 1, free)).toBe((10 * DEFAULT_REQUESTS_PER_SECOND) / 4);
});

it("goes by a project's limit as it is now, and by each project's own", () => {
  const { letIn, pass } = limitsAt();
  expect(letIn(200)).toBe(100);
  expect(letIn(200, 1, { ...PROJECT, project_id: 2 })).toBe(100);
  pass(1);
  expect(letIn(200, 1, { ...PROJECT, requests_per_second: 50 })).toBe(50);
});

it("lets one in at a time where the limit is less than one in ten seconds", () => {
  const slow = { ...PROJECT, requests_per_second: 1 / 60 };
  const { letIn, pass } = limitsAt();
  expect(letIn(3, 1, slow)).toBe(1);
  pass(60);
  expect(letIn(3, 1, slow)).toBe(1);
});

it("remembers a bounded number of projects", () => {
  const { letIn } = limitsAt();
  expect(letIn(100)).toBe(100);
  for (let project_id = 2; project_id < 10_002; project_id++) letIn(1, 1, { ...PROJECT, project_id });
  // The first was forgotten, to its good.
  expect(letIn(1)).toBe(1);
});
