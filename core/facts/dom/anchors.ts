/** By what its author calls an element: its id and its test id. Where it is there once, it finds the element again. */
import type { DomNode } from "./node.ts";

const TEST_ID = "data-testid";

export function isAnchor(attribute: string): boolean {
  return attribute === "id" || attribute === TEST_ID;
}

/** As keys: `#id` and `@test id`. */
export function anchorsOf(node: DomNode): string[] {
  const { id, [TEST_ID]: testId } = node.attributes;
  const found: string[] = [];
  if (typeof testId === "string" && testId !== "") found.push(`@${testId}`);
  if (typeof id === "string" && id !== "") found.push(`#${id}`);
  return found;
}
