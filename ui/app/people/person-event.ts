/** What a person did, and how it reads on one line. */
import { propsInWords } from "../format/event.ts";

interface Event {
  name: string;
  props: Record<string, unknown>;
  url: string;
}

/** What the browser did and no person: measurements, and what a page asks for. */
const OF_THE_PAGE = new Set(["$web_vital", "$request", "$console", "$text_appeared", "$snapshot"]);
const DETAILS_MAX = 200;

/** Whether it is something that the person did or met with. */
export function isDeed(name: string): boolean {
  return !OF_THE_PAGE.has(name);
}

export function eventDetails({ name, props, url }: Event): string {
  if (!name.startsWith("$")) return propsInWords(props) || placeOf(url);
  const said = [props.text, props.message, props.label].find((text) => typeof text === "string" && text !== "");
  if (typeof said === "string") return `${said.slice(0, DETAILS_MAX)} · ${placeOf(url)}`;
  return placeOf(url);
}

/** The path of an address, or all of it where it has none. */
function placeOf(url: string): string {
  return URL.canParse(url) && new URL(url).host !== "" ? new URL(url).pathname : url;
}
