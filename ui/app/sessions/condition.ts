/** Conditions on named values as people type and read them. */
import { type Condition, readCondition } from "#core/api/condition-form.ts";

const OPERATORS: Record<string, Condition["operator"]> = {
  "=": "eq",
  "~": "contains",
  ">": "gt",
  ">=": "gte",
  "<": "lt",
  "<=": "lte",
};
const SIGNS = { eq: "=", contains: "contains", gt: ">", gte: "≥", lt: "<", lte: "≤" } as const;

/** `total >= 100` as `total:gte:100`; null for what the API would not take. */
export function typedCondition(typed: string): string | null {
  const [, name, sign, value] = /^([^=<>~]+?)\s*(>=|<=|=|>|<|~)\s*(.+)$/.exec(typed) ?? [];
  if (!name || !sign || !value) return null;
  const told = `${name}:${OPERATORS[sign]}:${value}`;
  return readCondition(told).ok ? told : null;
}

/** `total:gte:100` as `total ≥ 100` */
export function conditionInWords(told: string): string {
  const read = readCondition(told);
  if (!read.ok) return told;
  const { name, operator, value } = read.condition;
  return `${name} ${SIGNS[operator]} ${value}`;
}
