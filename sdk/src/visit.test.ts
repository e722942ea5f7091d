import { beforeEach, describe, expect, it } from "vitest";
import { IDLE_MS_MAX, joinVisit, SESSION_MS_MAX } from "./visit.ts";

const T = 1_800_000_000_000;
beforeEach(() => localStorage.clear());

describe("visit", () => {
  it("is joined by every page and tab until it was idle for half an hour", () => {
    const one = joinVisit("k", T);
    expect(joinVisit("k", T + IDLE_MS_MAX - 1).sessionId).toBe(one.sessionId);
    expect(joinVisit("k", T + 3 * IDLE_MS_MAX).sessionId).not.toBe(one.sessionId);
    expect(joinVisit("another-project", T).sessionId).not.toBe(one.sessionId);
  });

  it("is kept alive by an action in any tab", () => {
    const [one, two] = [joinVisit("k", T), joinVisit("k", T)];
    two.touch(T + IDLE_MS_MAX - 1);
    expect(one.isOver(T + IDLE_MS_MAX + 1)).toBe(false);
    expect(one.isOver(T + 2 * IDLE_MS_MAX)).toBe(true);
  });

  it("lasts a day at most, whatever happens in it", () => {
    const visit = joinVisit("k", T);
    for (let at = T; at < T + SESSION_MS_MAX; at += IDLE_MS_MAX / 2) visit.touch(at);
    expect(visit.isOver(T + SESSION_MS_MAX - 1)).toBe(false);
    expect(visit.isOver(T + SESSION_MS_MAX)).toBe(true);
  });

  it("is followed by the one that another tab has begun", () => {
    const [one, two] = [joinVisit("k", T), joinVisit("k", T)];
    const later = T + 2 * IDLE_MS_MAX;
    two.renew(later);
    one.renew(later + 1);
    expect(one.sessionId).toBe(two.sessionId);
  });

  it("knows on every page who the visitor is, and on this one also in the session after", () => {
    const visit = joinVisit("k", T);
    visit.identify({ id: "ada", email: "ada@example.com" });
    expect(joinVisit("k", T + 1).user).toEqual({ id: "ada", email: "ada@example.com" });
    visit.renew(T + 2 * IDLE_MS_MAX);
    expect(visit.user?.id).toBe("ada");
  });

  it("does not end because a clock was set back, and ends for all tabs when it is told to", () => {
    const [one, two] = [joinVisit("k", T), joinVisit("k", T)];
    expect(one.isOver(T - 5 * IDLE_MS_MAX)).toBe(false);
    one.end();
    one.renew(T);
    two.renew(T);
    expect(two.sessionId).toBe(one.sessionId);
  });

  it("makes nothing of a value that is not its own", () => {
    localStorage.setItem("rrhog.session.k", '{"id":7}');
    expect(joinVisit("k", T).sessionId).toMatch(/^[0-9a-f-]{36}$/);
    localStorage.setItem("rrhog.session.k", "not json");
    expect(joinVisit("k", T).sessionId).toMatch(/^[0-9a-f-]{36}$/);
  });
});
