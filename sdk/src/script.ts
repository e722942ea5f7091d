/**
 * `<script async src="https://in.example.com/rrhog.js" data-key="…"></script>` is all that a page needs. Options are
 * attributes: `data-key`, `data-host` (by default where the script came from), `data-ingest-path`,
 * `data-console-url`, and `data-autostart="false"`. Without `data-key` the page calls `rrhog.init` itself.
 */
import { createClient, type RrHog } from "./client.ts";
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
  const { key, host, ingestPath, consoleUrl, autostart } = script?.dataset ?? {};
  if (!script || !key) return;
  window.rrhog.init({
    key,
    host: host ?? new URL(script.src).origin,
    ingestPath,
    consoleUrl,
    autostart: autostart !== "false",
  });
}, undefined);

install(document.currentScript instanceof HTMLScriptElement ? document.currentScript : null);
