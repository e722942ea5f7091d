/** A condition on a named value, such as a property of an event: `name:operator:value` in a URL. */
import { z } from "@hono/zod-openapi";
import { CONDITION_LENGTH_MAX, isComparison, readCondition } from "../condition-form.ts";

export const CONDITION_FORM =
  "`name:operator:value`, where the operator is eq (as JSON writes the value, text without its quotes), contains " +
  "(ignoring case), gt, gte, lt or lte (numbers)";

export type ValueCondition =
  | { name: string; operator: "eq" | "contains"; value: string }
  | { name: string; operator: "gt" | "gte" | "lt" | "lte"; value: number };

export const ValueCondition = z
  .string()
  .max(CONDITION_LENGTH_MAX)
  .transform((text, context): ValueCondition => {
    const read = readCondition(text);
    if (!read.ok) {
      context.addIssue({ code: "custom", message: read.expected });
      return z.NEVER;
    }
    const { name, operator, value } = read.condition;
    return isComparison(operator) ? { name, operator, value: Number(value) } : { name, operator, value };
  });

/** Asked for a type within no property at all, ClickHouse 26.7 never answers again. */
export const PropertyCondition = ValueCondition.refine(
  ({ name }) => !name.startsWith(":`"),
  "a property whose name does not begin with :`",
);
