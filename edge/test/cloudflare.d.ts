/** Types what "cloudflare:workers" gives to tests: the edge itself as `exports.default`, and its bindings as `env`. */
declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("../index.ts");
    durableNamespaces: "Relay" | "Registry";
  }
  interface Env {
    CORE_URL: string;
    EDGE_SECRET: string;
    NATS_WS_URL: string;
    NATS_USER: string;
    NATS_PASSWORD: string;
    ASSETS: Fetcher;
    RELAY: DurableObjectNamespace<import("../index.ts").Relay>;
    REGISTRY: DurableObjectNamespace<import("../index.ts").Registry>;
  }
}
