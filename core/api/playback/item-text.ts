/** A fact in a line of words, by what its props say: what lists of them show, and what people search for. */
import { z } from "zod";

const text = z.string().optional().catch(undefined);
const number = z.number().optional().catch(undefined);

/** Props as they come back from storage: of rows of this and of other releases. */
const Props = z.object({
  text,
  selector: text,
  message: text,
  name: text,
  url: text,
  method: text,
  status: number,
  failed: z.boolean().optional().catch(undefined),
  aborted: z.boolean().optional().catch(undefined),
  value: number,
  rating: text,
  id: z.union([z.string(), z.number()]).optional().catch(undefined),
  email: text,
  width: number,
  height: number,
});
type Props = z.infer<typeof Props>;

const WORDS: Readonly<Record<string, (props: Props) => string | undefined>> = {
  $console: ({ message }) => message,
  $error: ({ name, message }) => [name, message].filter(Boolean).join(": "),
  $request: requestInWords,
  $web_vital: ({ name, value, rating }) => [name, valueInWords(name, value), rating].filter(Boolean).join(" "),
  $identify: ({ id, email }) => (id === undefined ? email : String(id)),
  $resize: ({ width, height }) => `${width} × ${height}`,
};

/** What the fact says: of a click what was clicked, of an error `TypeError: …`, of a request `POST /api/pay 402`. */
export function itemText(eventName: string, props: Record<string, unknown>): string | undefined {
  const known = Props.parse(props);
  const words = Object.hasOwn(WORDS, eventName) ? WORDS[eventName]?.(known) : known.text;
  return words || undefined;
}

function requestInWords({ method = "GET", url = "", status, failed, aborted }: Props): string {
  const address = URL.parse(url);
  const outcome = aborted ? "given up" : (status ?? (failed ? "failed" : ""));
  return `${method} ${address?.pathname ?? url} ${outcome}`.trim();
}

function valueInWords(name: string | undefined, value: number | undefined): string {
  if (value === undefined) return "";
  return name === "CLS" ? String(Math.round(value * 1_000) / 1_000) : `${Math.round(value)} ms`;
}
