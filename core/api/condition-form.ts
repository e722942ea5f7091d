/** How a condition on a named value stands in a URL: `name:operator:value`. Free of libraries: the console reads it too. */

export interface Condition {
  name: string;
  operator: "eq" | "contains" | "gt" | "gte" | "lt" | "lte";
  value: string;
}

export const CONDITION_LENGTH_MAX = 512;

/** The operator is the first that stands between colons: names may have colons, as `xlink:href` has. */
const FORM = /^([^\0]+?):(eq|contains|gt|gte|lt|lte):([^\0]+)$/s;
const NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/;

/** The condition, or what was expected instead. */
export function readCondition(text: string): { ok: true; condition: Condition } | { ok: false; expected: string } {
  if (text.length > CONDITION_LENGTH_MAX) return { ok: false, expected: `at most ${CONDITION_LENGTH_MAX} characters` };
  const [, name, operator, value] = FORM.exec(text) ?? [];
  if (!name || !operator || !value) return { ok: false, expected: "name:operator:value" };
  const condition = { name, operator: operator as Condition["operator"], value };
  if (isComparison(condition.operator) && !NUMBER.test(value)) {
    return { ok: false, expected: "a number after the last colon" };
  }
  return { ok: true, condition };
}

export function isComparison(operator: Condition["operator"]): operator is "gt" | "gte" | "lt" | "lte" {
  return operator !== "eq" && operator !== "contains";
}
