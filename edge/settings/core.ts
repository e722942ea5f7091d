import { EdgeProject, EdgeSession, PAGE_ORIGIN_HEADER, PAGE_ORIGIN_LENGTH_MAX } from "#protocol/edge-project.ts";
import { PROBLEM_CONTENT_TYPE } from "#protocol/problem.ts";
import { logRepeated } from "../log.ts";

/** What the core says of a key; `silent` when it does not answer, or not in a way that says anything of the key. */
export type CoreAnswer = { kind: "known"; project: EdgeProject } | { kind: "unknown" } | { kind: "silent" };

export interface Core {
  /**
   * @param keyHash hex SHA-256 of the key: the key itself stays here.
   * @param origin of the page that shows it, so that the core can tell its people where it was seen
   */
  describeKey(keyHash: string, origin: string | null): Promise<CoreAnswer>;
  /** Whether a session was begun; null where the core does not say. */
  isSessionBegun(projectId: number, sessionId: string): Promise<boolean | null>;
}

/** @param timeoutMs after which the core counts as silent. */
export function httpCore(url: string, secret: string, timeoutMs: number): Core {
  const ask = (path: string, headers?: Record<string, string>) =>
    fetch(`${url}/edge/projects/${path}`, {
      headers: { Authorization: `Bearer ${secret}`, Accept: "application/json", ...headers },
      signal: AbortSignal.timeout(timeoutMs),
    });
  return {
    async describeKey(keyHash, origin) {
      try {
        return await read(await ask(keyHash, isTold(origin) ? { [PAGE_ORIGIN_HEADER]: origin } : {}));
      } catch (error) {
        return silent(nameOf(error));
      }
    },
    async isSessionBegun(projectId, sessionId) {
      try {
        const response = await ask(`${projectId}/sessions/${sessionId}`);
        if (response.status === 200) return EdgeSession.parse(await response.json()).begun;
        await response.body?.cancel();
        silent(`status_${response.status}`);
      } catch (error) {
        silent(nameOf(error));
      }
      return null;
    },
  };
}

/** A header such as a stranger likes it would be refused, for its length or for a byte in it, and the core be taken for silent. */
function isTold(origin: string | null): origin is string {
  return origin !== null && origin.length <= PAGE_ORIGIN_LENGTH_MAX && /^[\x21-\x7e]+$/.test(origin);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unreachable";
}

async function read(response: Response): Promise<CoreAnswer> {
  if (response.status === 200) {
    const project = EdgeProject.safeParse(await response.json());
    return project.success ? { kind: "known", project: project.data } : silent("answer_malformed");
  }
  await response.body?.cancel();
  // A proxy in front of a core that is away has its own 404 page: only the core's own says that nobody has the key.
  const fromCore = response.headers.get("Content-Type")?.startsWith(PROBLEM_CONTENT_TYPE);
  return response.status === 404 && fromCore ? { kind: "unknown" } : silent(`status_${response.status}`);
}

function silent(reason: string): CoreAnswer {
  logRepeated("core_silent", { reason });
  return { kind: "silent" };
}
