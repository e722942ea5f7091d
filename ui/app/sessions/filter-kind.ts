/** What a kind of filter is, and the sorts of them: a text, a choice, a length, a condition, a day. */
import { readCondition } from "#core/api/condition-form.ts";
import { clock } from "../format/duration.ts";
import { conditionInWords, typedCondition } from "./condition.ts";

/** Kinds of which the API counts the values of a list. */
type Facet = "browser" | "os" | "device" | "country" | "release" | "path";

interface Choice {
  value: string;
  label: string;
}

export interface FilterKind {
  /** In the address. */
  name: string;
  /** The API's parameter. */
  param: string;
  /** In the menu. */
  label: string;
  group: string;
  /** Said while a value is typed. */
  hint: string;
  /** The value as it stands in the address; null where it cannot be. */
  accepts(given: string): string | null;
  /** What someone typed, as a value; where that is written in another way than it stands in the address. */
  reads?(typed: string): string | null;
  /** The filter as a sentence. */
  words(value: string): string;
  /** All values that there are, or some to begin with. */
  choices?: readonly Choice[];
  /** Whether the choices are all that there is. */
  closed?: true;
  facet?: Facet;
  /** It may stand so many times. */
  most?: number;
  /** In seconds here, in milliseconds there. */
  seconds?: true;
  /** Says nothing without a filter of this name. */
  needs?: string;
}

const TEXT_MAX = 512;
const SECONDS_MAX = 366 * 24 * 3_600;
const CONDITIONS_MAX = 5;
const DAY = /^\d{4}-\d\d-\d\d$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

const LENGTHS: readonly Choice[] = ["10", "30", "60", "300", "900", "3600"].map((value) => ({
  value,
  label: clock(Number(value) * 1000),
}));

type Basics = Pick<FilterKind, "name" | "label" | "group"> & { param?: string };

export const text = (basics: Basics & { verb: string; hint?: string; facet?: Facet }): FilterKind => {
  const { verb, hint = "contains …", ...rest } = basics;
  return {
    param: rest.name,
    hint,
    accepts: (given) => (given === "" || given.includes("\0") ? null : given.slice(0, TEXT_MAX)),
    words: (value) => `${verb} ${value}`,
    ...rest,
  };
};

export const flag = (basics: Basics & { yes: string; no: string }): FilterKind => {
  const { yes, no, ...rest } = basics;
  return choice({
    ...rest,
    choices: [
      { value: "true", label: yes },
      { value: "false", label: no },
    ],
  });
};

export const choice = (basics: Basics & { choices: readonly Choice[] }): FilterKind => ({
  param: basics.name,
  hint: "choose one",
  accepts: (given) => (basics.choices.some(({ value }) => value === given) ? given : null),
  words: (value) => basics.choices.find((each) => each.value === value)?.label ?? value,
  closed: true,
  ...basics,
});

export const seconds = (basics: Basics & { verb: string; param: string }): FilterKind => {
  const { verb, ...rest } = basics;
  return {
    hint: "seconds, or minutes as 2:30",
    accepts: (given) => (/^[1-9]\d{0,8}$/.test(given) && Number(given) <= SECONDS_MAX ? given : null),
    reads: readSeconds,
    words: (value) => `${verb} ${clock(Number(value) * 1000)}`,
    choices: LENGTHS,
    seconds: true,
    ...rest,
  };
};

export const condition = (basics: Basics & { hint: string; needs?: string }): FilterKind => ({
  param: basics.name,
  accepts: (given) => (readCondition(given).ok ? given : null),
  reads: typedCondition,
  words: conditionInWords,
  most: CONDITIONS_MAX,
  ...basics,
});

export const day = (basics: Basics & { verb: string }): FilterKind => {
  const { verb, ...rest } = basics;
  return {
    param: rest.name,
    hint: "a day (UTC), as 2026-03-17",
    accepts: (given) => ((DAY.test(given) || INSTANT.test(given)) && !Number.isNaN(Date.parse(given)) ? given : null),
    words: (value) => `${verb} ${value.replace("T", " ")}`,
    ...rest,
  };
};

/** `90`, `90 s`, `2 min`, `1 h` or `2:30`, in seconds. */
function readSeconds(typed: string): string | null {
  const [, minutes, rest] = /^(\d{1,5}):([0-5]\d)$/.exec(typed) ?? [];
  if (minutes !== undefined) return positive(Number(minutes) * 60 + Number(rest));
  const [, count, unit = "s"] = /^(\d{1,9})\s*(s|min|m|h)?$/.exec(typed) ?? [];
  return count === undefined ? null : positive(Number(count) * (unit === "h" ? 3_600 : unit === "s" ? 1 : 60));
}

function positive(count: number): string | null {
  return count > 0 && count <= SECONDS_MAX ? String(count) : null;
}
