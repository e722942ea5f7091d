/**
 * Puts a function in the place of another, and that one back when recording stops, unless somebody has wrapped ours
 * meanwhile: then ours stays, and only passes on.
 */
export function patch<Owner extends object, Name extends keyof Owner>(
  owner: Owner,
  name: Name,
  signal: AbortSignal,
  wrap: (original: Owner[Name]) => Owner[Name],
): void {
  const original = owner[name];
  if (typeof original !== "function") return;
  // With what others have put on the original, such as the marks of their own wrappers.
  const ours = Object.assign(wrap(original) as object, original) as Owner[Name];
  owner[name] = ours;
  signal.addEventListener("abort", () => {
    if (owner[name] === ours) owner[name] = original;
  });
}
