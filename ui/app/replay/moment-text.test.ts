import { expect, it } from "vitest";
import { momentText } from "./moment-text.ts";

it("a moment as text says whose, when and where it is, and what happened within ten seconds of it", () => {
  const item = { window_id: "w" };
  const items = [
    { ...item, at_ms: 0, type: "$pageview", page: "/" },
    { ...item, at_ms: 52_000, type: "$click", text: "Pay\n now" },
    { ...item, at_ms: 63_000, type: "$text_appeared", text: "Card declined" },
    { ...item, at_ms: 71_000, type: "bought", detail: { total: 3 } },
  ];
  const link = "https://console.example/projects/1/sessions/1?t=61";
  const moment = { who: "ada@example.com", page: "/pay", timeMs: 61_500, link, items };
  expect(momentText(moment)).toBe(
    `ada@example.com · 1:01 · /pay\n${link}\n\n0:52 click Pay now\n1:03 text appeared Card declined\n1:11 bought total 3\n`,
  );
  expect(momentText({ ...moment, page: null, timeMs: 30_000 })).toBe(`ada@example.com · 0:30\n${link}\n`);
});
