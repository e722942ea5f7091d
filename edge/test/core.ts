/** A core that knows keys and nothing else, and can be made silent in each of the ways in which a core is. */
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { EdgeProject } from "#protocol/edge-project.ts";
import { PROBLEM_CONTENT_TYPE, problem } from "#protocol/problem.ts";

/** `gone` cuts the connection, `slow` never answers, `broken` answers 500, `foreign` is a proxy's own 404 page. */
export type CoreMode = "ok" | "gone" | "slow" | "broken" | "foreign";

export class TestCore {
  mode: CoreMode = "ok";
  /** Look-ups it has got, in whatever mode. */
  asked = 0;
  /** Sessions that were begun. */
  readonly begun = new Set<string>();
  readonly #projects = new Map<string, EdgeProject>();
  readonly #server: Server;
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
    this.#server = createServer((request, response) => {
      this.asked++;
      if (this.mode === "slow") return;
      if (this.mode === "gone") {
        request.socket.destroy();
        return;
      }
      const [status, type, body] = this.#answer(request.url ?? "", request.headers.authorization);
      response.writeHead(status, { "Content-Type": type }).end(body);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Gives a key to a project, or takes it away. */
  setKey(key: string, project: EdgeProject | null): void {
    const hash = createHash("sha256").update(key).digest("hex");
    if (project) this.#projects.set(hash, project);
    else this.#projects.delete(hash);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(url: string, authorization: string | undefined): [status: number, type: string, body: string] {
    if (this.mode === "broken") return [500, PROBLEM_CONTENT_TYPE, JSON.stringify(problem("internal"))];
    if (this.mode === "foreign") return [404, "text/html", "<h1>No such host</h1>"];
    if (authorization !== `Bearer ${this.#secret}`) {
      return [403, PROBLEM_CONTENT_TYPE, JSON.stringify(problem("not_permitted"))];
    }
    const session = /^\/edge\/projects\/\d+\/sessions\/(.+)$/.exec(url)?.[1];
    if (session) return [200, "application/json", JSON.stringify({ v: 1, begun: this.begun.has(session) })];
    const project = this.#projects.get(url.replace("/edge/projects/", ""));
    if (!project) return [404, PROBLEM_CONTENT_TYPE, JSON.stringify(problem("not_found"))];
    return [200, "application/json", JSON.stringify(project)];
  }
}
