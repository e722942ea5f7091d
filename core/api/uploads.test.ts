import { expect, test } from "vitest";
import { Uploads } from "./uploads.ts";

const nobody = new AbortController().signal;

test("are so many of a project, and of all, at once", async () => {
  const uploads = new Uploads({ project: 1, all: 2 });
  const end = Promise.withResolvers<void>();
  const open = [1, 2].map((project) => uploads.during(project, () => end.promise));
  for (const project of [1, 3]) {
    await expect(uploads.during(project, () => end.promise)).rejects.toMatchObject({ code: "too_many_requests" });
  }
  end.resolve();
  await Promise.all(open);
  await expect(uploads.during(1, async () => "taken")).resolves.toBe("taken");
});

test("that failed make room as well", async () => {
  const uploads = new Uploads({ project: 1, all: 1 });
  const broken = () => Promise.reject(new Error("cut off"));
  await expect(uploads.during(1, broken)).rejects.toThrow("cut off");
  await expect(uploads.during(1, broken)).rejects.toThrow("cut off");
});

test("are looked into one after the other, whatever became of the one before, and not where nobody waits", async () => {
  const uploads = new Uploads({ project: 9, all: 9 });
  const order: string[] = [];
  const look = (name: string, outcome: Promise<void>, caller = nobody) =>
    uploads.alone(caller, async () => {
      order.push(`${name} begins`);
      await outcome;
      order.push(`${name} ends`);
    });
  const first = Promise.withResolvers<void>();
  const looks = [
    look("first", first.promise),
    look("broken", Promise.reject(new Error("no file"))),
    look("left", Promise.resolve(), AbortSignal.abort()),
    look("last", Promise.resolve()),
  ];
  first.resolve();
  expect((await Promise.allSettled(looks)).map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "rejected",
    "fulfilled",
  ]);
  expect(order).toEqual(["first begins", "first ends", "broken begins", "last begins", "last ends"]);
});
