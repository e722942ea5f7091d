/** A condition on a named value, `name:operator:value`, as the API's filters `trait` and `property` take it. */
export interface Condition {
  name: string;
  operator: "eq" | "contains" | "gt" | "gte" | "lt" | "lte";
  value: string;
}

const TEXT_MAX = 512;
const FORM = /^([^\0]+?):(eq|contains|gt|gte|lt|lte):([^\0]+)$/s;
const NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/;
const SIGNS = { eq: "=", contains: "contains", gt: ">", gte: "≥", lt: "<", lte: "≤" } as const;

/** Null for what the API would not take. */
export function readCondition(text: string): Condition | null {
  const [, name, operator, value] = FORM.exec(text) ?? [];
  if (text.length > TEXT_MAX || !name || !value) return null;
  const condition = { name, operator: operator as Condition["operator"], value };
  const compares = condition.operator !== "eq" && condition.operator !== "contains";
  return compares && !NUMBER.test(value) ? null : condition;
}

/** `total ≥ 100` */
export function conditionInWords({ name, operator, value }: Condition): string {
  return `${name} ${SIGNS[operator]} ${value}`;
}
