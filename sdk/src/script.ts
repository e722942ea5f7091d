/**
 * `<script async src="https://in.example.com/rrhog.js" data-key="…"></script>` is all that a page needs. Each option of
 * `init` may stand as an attribute: `ingestPath` as `data-ingest-path`, `autostart: false` as `data-autostart="false"`.
 * Without `data-key` the page calls `rrhog.init` itself.
 */
import { createClient, type Options, type RrHog } from "./client.ts";
import { neverThrow } from "./never-throw.ts";

declare global {
  interface Window {
    rrhog?: RrHog;
  }
}

const install = neverThrow((script: HTMLScriptElement | null) => {
  // A page that includes the snippet twice is recorded once.
  if (window.rrhog) return;
  window.rrhog = createClient();
  if (!script?.dataset.key) return;
  const options = Object.fromEntries(Object.entries(script.dataset).map(([name, text]) => [name, read(text)]));
  window.rrhog.init({ host: new URL(script.src).origin, ...options, key: script.dataset.key } satisfies Options);
}, undefined);

/** `true` and `false` are what they say, and so is an attribute without a value. */
function read(text: string | undefined): string | boolean | undefined {
  return text === "" || text === "true" ? true : text === "false" ? false : text;
}

install(document.currentScript instanceof HTMLScriptElement ? document.currentScript : null);
