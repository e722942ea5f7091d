import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { Refusal } from "./refusal.ts";
import { ShareLimit } from "./share-limit.ts";

const SHARE = { share_id: "one" };

/** A limit at a time that stands still until it is set, with what the database was asked. */
function counted() {
  const at = { ms: 0 };
  const limit = new ShareLimit(() => at.ms);
  let looked = 0;
  const open = (hash: Buffer, found: typeof SHARE | null = null) =>
    limit.open(hash, async () => {
      looked++;
      return found;
    });
  const unknown = () => open(randomBytes(32)).catch((error: Refusal) => error);
  return { at, limit, open, unknown, looked: () => looked };
}

test("of tokens that open nothing 300 are looked up in a minute, however many come at once", async () => {
  const { at, unknown, looked } = counted();
  const answers = await Promise.all(Array.from({ length: 5_000 }, unknown));
  expect(answers.filter((answer) => answer === null)).toHaveLength(300);
  expect(answers.filter((answer) => answer instanceof Refusal)).toHaveLength(4_700);
  // And one, which could have been somebody's who opens a link first.
  expect(looked()).toBe(301);
  at.ms = 60_000;
  expect(await unknown()).toBeNull();
});

test("beyond that one at a time is looked up, so that a link which nobody has opened yet opens", async () => {
  const { at, limit, open, unknown } = counted();
  await Promise.all(Array.from({ length: 400 }, unknown));
  const { promise, resolve } = Promise.withResolvers<null>();
  const slow = limit.open(randomBytes(32), () => promise);
  const hash = randomBytes(32);
  await expect(open(hash, SHARE)).rejects.toMatchObject({ code: "too_many_requests", retryAfterS: 1 });
  resolve(null);
  await expect(slow).rejects.toMatchObject({ code: "too_many_requests", retryAfterS: 60 });
  expect(await open(hash, SHARE)).toBe(SHARE);
  expect(at.ms).toBe(0);
});

test("a token that opened something is looked up whatever others try, 1,200 times a minute, until it opens nothing", async () => {
  const { open, unknown, looked } = counted();
  const hash = randomBytes(32);
  expect(await open(hash, SHARE)).toBe(SHARE);
  await Promise.all(Array.from({ length: 400 }, unknown));
  const before = looked();
  for (let i = 1; i < 1_200; i++) expect(await open(hash, SHARE)).toBe(SHARE);
  await expect(open(hash, SHARE)).rejects.toMatchObject({ code: "too_many_requests", retryAfterS: 60 });
  expect(looked() - before).toBe(1_199);
});

test("a token that opens nothing any more is one of those", async () => {
  const { at, open, unknown } = counted();
  const hash = randomBytes(32);
  await open(hash, SHARE);
  await Promise.all(Array.from({ length: 400 }, unknown));
  expect(await open(hash)).toBeNull();
  await expect(open(hash)).rejects.toMatchObject({ code: "too_many_requests" });
  at.ms = 60_000;
  expect(await open(hash)).toBeNull();
});
