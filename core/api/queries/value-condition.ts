/** A condition on a named value, such as a property of an event: `name:operator:value` in a URL. */
import { z } from "@hono/zod-openapi";

export const CONDITION_FORM =
  "`name:operator:value`, where the operator is eq (as JSON writes the value, text without its quotes), contains " +
  "(ignoring case), gt, gte, lt or lte (numbers)";

const TEXT_LENGTH_MAX = 512;

/** The operator is the first that stands between colons: names may have colons, as `xlink:href` has. */
const FORM = /^([^\0]+?):(eq|contains|gt|gte|lt|lte):([^\0]+)$/s;
const NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/;

export type ValueCondition =
  | { name: string; operator: "eq" | "contains"; value: string }
  | { name: string; operator: "gt" | "gte" | "lt" | "lte"; value: number };

export const ValueCondition = z
  .string()
  .max(TEXT_LENGTH_MAX)
  .transform((text, context): ValueCondition => {
    const [, name = "", operator = "", value = ""] = FORM.exec(text) ?? [];
    if (name !== "" && (operator === "eq" || operator === "contains")) return { name, operator, value };
    if (name !== "" && isComparison(operator) && NUMBER.test(value)) return { name, operator, value: Number(value) };
    const message = isComparison(operator) ? "a number after the last colon" : "name:operator:value";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

function isComparison(operator: string): operator is "gt" | "gte" | "lt" | "lte" {
  return /^[gl]te?$/.test(operator);
}
