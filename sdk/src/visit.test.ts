import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { joinVisit as join, type Visit } from "./visit.ts";

const IDLE_MS_MAX = 30 * 60_000;
const SESSION_MS_MAX = 24 * 60 * 60_000;
const joinVisit = (key: string, now: number): Visit =>
  join(key, now, { idleMs: IDLE_MS_MAX, sessionMs: SESSION_MS_MAX });

const T = 1_800_000_000_000;
beforeEach(() => {
  localStorage.clear();
  // Before all times that the tests speak of, whenever they run.
  vi.useFakeTimers({ toFake: ["Date"], now: T - 400 * SESSION_MS_MAX });
});
afterEach(() => {
  vi.useRealTimers();
});

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

  it("goes by a clock that was set back as by any other: it still ends, by idleness and after a day", () => {
    const visit = joinVisit("k", T);
    const back = T - 365 * SESSION_MS_MAX;
    expect(visit.isOver(back)).toBe(false);
    expect(joinVisit("k", back).sessionId).toBe(visit.sessionId);
    expect(visit.isOver(back + IDLE_MS_MAX)).toBe(true);

    const busy = joinVisit("busy", T);
    for (let at = back; at < back + SESSION_MS_MAX; at += IDLE_MS_MAX / 2) {
      expect(busy.isOver(at)).toBe(false);
      busy.touch(at);
    }
    expect(busy.isOver(back + SESSION_MS_MAX)).toBe(true);
  });

  it("is one, where two pages begin it at the same moment and neither sees the other's", () => {
    const pages = Array.from({ length: 4 }, () => {
      localStorage.clear();
      return joinVisit("k", Date.now());
    });
    // Each hears of the others' writes, in whatever order, and some more than once.
    for (const page of [...pages, ...pages, ...pages.toReversed()]) if (page.follow()) page.renew(Date.now());
    expect(new Set(pages.map(({ sessionId }) => sessionId)).size).toBe(1);
    expect(joinVisit("k", Date.now()).sessionId).toBe(pages[0]?.sessionId);
  });

  it("is not written over by a tab that is still in an older one, whatever its clock says", () => {
    const [one, two] = [joinVisit("k", T), joinVisit("k", T)];
    one.end();
    one.renew(T - SESSION_MS_MAX);
    two.touch(T + IDLE_MS_MAX / 2);
    expect(two.isOver(T)).toBe(true);
    expect(joinVisit("k", T - SESSION_MS_MAX).sessionId).toBe(one.sessionId);
  });

  it("is of nobody after it was told to forget who the last one was of, in every tab", () => {
    const [one, two] = [joinVisit("k", Date.now()), joinVisit("k", Date.now())];
    one.identify({ id: "ada" });
    two.follow();
    expect(two.user?.id).toBe("ada");
    const before = one.sessionId;
    one.end(true);
    one.renew(Date.now());
    expect([one.sessionId === before, one.user]).toEqual([false, undefined]);
    expect([two.follow(), two.isOver(Date.now())]).toEqual([true, true]);
    two.renew(Date.now());
    expect([two.sessionId, two.user]).toEqual([one.sessionId, undefined]);
    two.identify({ id: "bob" });
    expect(joinVisit("k", Date.now()).user?.id).toBe("bob");
  });

  it("is kept by one page for all, and the next one is not", () => {
    const [one, two] = [joinVisit("k", Date.now()), joinVisit("k", Date.now())];
    one.keep();
    two.touch(Date.now());
    expect([two.follow(), two.isKept, joinVisit("k", Date.now()).isKept]).toEqual([false, true, true]);
    one.end();
    one.renew(Date.now());
    expect(one.isKept).toBe(false);
  });

  it("makes nothing of a value that is not its own", () => {
    localStorage.setItem("rrhog.session.k", '{"id":7}');
    expect(joinVisit("k", T).sessionId).toMatch(/^[0-9a-f-]{36}$/);
    localStorage.setItem("rrhog.session.k", "not json");
    expect(joinVisit("k", T).sessionId).toMatch(/^[0-9a-f-]{36}$/);
  });
});
