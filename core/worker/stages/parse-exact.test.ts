import { expect, it } from "vitest";
import { parseExact } from "./parse-exact.ts";

it.each<[string, unknown]>([
  ["9007199254740993", 2n ** 53n + 1n],
  ["18446744073709551615", 2n ** 64n - 1n],
  ["18446744073709551616", 2 ** 64],
  ["-1e400", "-1e400"],
  ["0.1234567890123456789", 0.12345678901234568],
  ["9007199254740991", 2 ** 53 - 1],
])("of %s it keeps what an integer column of 64 bits can hold, and the text of what no number holds", (text, value) => {
  expect(parseExact(`{"a":[${text}]}`)).toEqual({ a: [value] });
});

it("a text of more than 256 KiB has its numbers as JSON.parse has them", () => {
  const long = (length: number) => `[9007199254740993${",1".repeat((length - 18) / 2)}]`;
  const [at, beyond] = [long(256 * 1024), long(256 * 1024 + 2)];
  expect([at.length, beyond.length]).toEqual([256 * 1024, 256 * 1024 + 2]);
  expect((parseExact(at) as unknown[])[0]).toBe(2n ** 53n + 1n);
  expect((parseExact(beyond) as unknown[])[0]).toBe(2 ** 53);
});
