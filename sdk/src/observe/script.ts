/** The lazy part as a classic script: the recorder has put what it needs on the tag (sdk/src/script.ts). */
import type { ObserveHost } from "./host.ts";
import { observe } from "./observe.ts";

const tag = document.currentScript as HTMLScriptElement & { rrhog: ObserveHost };
/** Where the recorder's files are: requests for them are not the page's. */
const base = tag.src.replace(/\/[^/]+\/[^/]+$/, "");
observe(tag.rrhog, [`${base}.js`, `${base}/`]);
