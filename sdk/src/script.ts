/**
 * `<script async src="https://in.example.com/rrhog.js" data-key="…"></script>` is all that a page needs. Each option of
 * `init` may stand as an attribute: `ingestPath` as `data-ingest-path`, `autostart: false` as `data-autostart="false"`.
 * Without `data-key` the page calls `rrhog.init` itself.
 */
import { integrity, path } from "virtual:observe-file";
import { withoutExtension } from "../../protocol/script-address.ts";
import { createClient, type Options } from "./client.ts";
import { neverThrow } from "./never-throw.ts";
import type { ObserveHost } from "./observe/host.ts";

const install = neverThrow((script: HTMLScriptElement | null) => {
  const calls = window.rrhog?.q;
  const rrhog = createClient((host) => loadObserve(script as HTMLScriptElement, host));
  if (!window.rrhog || calls) window.rrhog = rrhog;
  if (script?.dataset.key) {
    const options = Object.fromEntries(Object.entries(script.dataset).map(([name, text]) => [name, read(text)]));
    rrhog.init({ host: new URL(script.src).origin, ...options, key: script.dataset.key } satisfies Options);
  }
  for (const [name, ...args] of calls ?? []) (rrhog[name] as (...args: unknown[]) => void)(...args);
});

/** What the lazy part needs stands on its own tag: no global, and no other script can take its place. */
async function loadObserve({ src, nonce }: HTMLScriptElement, rrhog: ObserveHost): Promise<void> {
  const members = {
    src: withoutExtension(src) + path,
    integrity,
    crossOrigin: "",
    nonce,
    rrhog,
    onerror: rrhog.onerror,
  };
  document.head.append(Object.assign(document.createElement("script"), members));
}

/** `true` and `false` are what they say, and so is an attribute without a value. */
function read(text: string | undefined): string | boolean | undefined {
  return text === "" || text === "true" ? true : text === "false" ? false : text;
}

install(document.currentScript instanceof HTMLScriptElement ? document.currentScript : null);
