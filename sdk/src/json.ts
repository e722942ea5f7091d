/**
 * JSON as the language has it, also where a library of the page gives all arrays, or objects, a `toJSON` that answers text:
 * prototype.js before 1.7.
 */
export function toJson(value: unknown): string {
  const { toJSON } = [] as WithToJson;
  return JSON.stringify(
    value,
    toJSON &&
      function (this: Record<string, WithToJson | null>, name, made) {
        const whole = this[name];
        return whole?.toJSON === toJSON ? whole : made;
      },
  );
}

interface WithToJson {
  toJSON?: object;
}
