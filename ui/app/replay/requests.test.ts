import { describe, expect, it } from "vitest";
import { networkRows, tookInWords } from "./requests.ts";

const request = (at_ms: number, detail: Record<string, unknown> = {}) => ({
  at_ms,
  type: "$request",
  window_id: "w",
  detail: { url: "https://shop.example/api/pay?x=1", method: "post", type: "fetch", ...detail },
});

describe("the requests of a session", () => {
  it("are told with their method, path, answer, time and size", () => {
    const click = { at_ms: 1, type: "$click", window_id: "w" };
    const [row, ...others] = networkRows([click, request(5, { status: 402, duration_ms: 312, transfer_bytes: 90 })]);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      method: "POST",
      path: "/api/pay?x=1",
      answered: "402",
      failed: true,
      tookMs: 312,
      bytes: 90,
    });
  });

  it("say why there is no answer, and nothing where that is not known", () => {
    const rows = networkRows([request(0, { aborted: true }), request(1, { status: 0, failed: true }), request(2)]);
    expect(rows.map(({ answered }) => answered)).toEqual(["aborted", "failed", ""]);
  });

  it("stand in the scale of their own burst", () => {
    const took = (duration_ms: number) => ({ duration_ms });
    const rows = networkRows([request(0, took(100)), request(100, took(100)), request(60_000, took(20))]);
    expect(rows.map(({ from, share }) => [from, share])).toEqual([
      [0, 0.5],
      [0.5, 0.5],
      [0, 1],
    ]);
  });
});

it("how long one took is short", () => {
  expect([312, 4_120].map(tookInWords)).toEqual(["312 ms", "4.1 s"]);
});
