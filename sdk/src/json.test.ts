import { afterEach, describe, expect, it } from "vitest";
import { toJson } from "./json.ts";

const { prototype: ofArrays } = Array as unknown as { prototype: { toJSON?: () => string } };
const { prototype: ofObjects } = Object as unknown as { prototype: { toJSON?: () => string } };
afterEach(() => {
  delete ofArrays.toJSON;
  delete ofObjects.toJSON;
});

const value = { list: [1, ["a", null]], at: new Date(0), none: undefined, nested: { own: { toJSON: () => "told" } } };
const expected = '{"list":[1,["a",null]],"at":"1970-01-01T00:00:00.000Z","nested":{"own":"told"}}';

describe("JSON", () => {
  it("is the language's own", () => {
    expect(toJson(value)).toBe(expected);
  });

  it("is so where a library has given arrays a `toJSON`, or all objects", () => {
    ofArrays.toJSON = () => "[text]";
    expect(toJson(value)).toBe(expected);
    expect(toJson([[1]])).toBe("[[1]]");
    delete ofArrays.toJSON;
    ofObjects.toJSON = () => "text";
    expect(toJson(value)).toBe(expected);
  });
});
