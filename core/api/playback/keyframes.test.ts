import { expect, test } from "vitest";
import { Refusal } from "../refusal.ts";
import { type Keyframe, Keyframes } from "./keyframes.ts";

const NONE: Keyframe = { events: [], last: null };

test("a keyframe is made once, for those who ask meanwhile and for those who ask after", async () => {
  const keyframes = new Keyframes();
  const making = Promise.withResolvers<Keyframe>();
  let made = 0;
  const ask = () =>
    keyframes.of("a", "key", () => {
      made++;
      return making.promise;
    });
  const meanwhile = [ask(), ask()];
  making.resolve(NONE);
  expect([...(await Promise.all(meanwhile)), await ask()]).toEqual([NONE, NONE, NONE]);
  expect(made).toBe(1);
});

test("one of a share is made at a time, and four of all; others may try again", async () => {
  const keyframes = new Keyframes();
  const making = Promise.withResolvers<Keyframe>();
  const running = ["a", "b", "c", "d"].map((share) => keyframes.of(share, share, () => making.promise));
  const refused = expect.objectContaining({ code: "too_many_requests", retryAfterS: expect.any(Number) });
  expect(() => keyframes.of("a", "another window", async () => NONE)).toThrow(refused);
  expect(() => keyframes.of("e", "e", async () => NONE)).toThrow(refused);
  making.resolve(NONE);
  await Promise.all(running);
  expect(await keyframes.of("e", "e", async () => NONE)).toBe(NONE);
});

test("one that could not be made is tried again", async () => {
  const keyframes = new Keyframes();
  const failed = keyframes.of("a", "key", async () => Promise.reject(new Refusal("storage_unavailable")));
  await expect(failed).rejects.toThrow(Refusal);
  expect(await keyframes.of("a", "key", async () => NONE)).toBe(NONE);
});

test("those that were not asked for longest make room", async () => {
  const keyframes = new Keyframes();
  const large = { events: [{ payload: Buffer.alloc(30 * 1024 * 1024) }], last: null } as unknown as Keyframe;
  let made = 0;
  const ask = (key: string) =>
    keyframes.of("a", key, async () => {
      made++;
      return large;
    });
  for (const key of ["1", "2", "1", "3", "1"]) await ask(key);
  expect(made).toBe(3);
  await ask("2");
  expect(made).toBe(4);
});
