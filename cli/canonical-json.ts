/**
 * One text for each JSON value: members sorted, strings unescaped, numbers by their exact decimal value. Two texts
 * are equal as JSON if and only if their canonical texts are the same; JSON.parse alone would call
 * 12345678901234567890 and 12345678901234567000 equal.
 */
export function canonicalJson(text: string): string {
  return print(JSON.parse(text, exactNumbers));
}

class ExactNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** The third argument is the value's source text (ECMA-262, JSON.parse with source). */
function exactNumbers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number") return value;
  return new ExactNumber(exactDecimal(context?.source ?? String(value)));
}

/** `-1.50e3` as `-15e2`: no zeros at either end of the digits, one form of the exponent. Minus zero stays apart. */
function exactDecimal(source: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source);
  if (!match) return source;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return `${sign}0`;
  return `${sign}${significant}e${BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length)}`;
}

function print(value: unknown): string {
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(print).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${print(member)}`).join(",")}}`;
}
