import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import { onSessionChanged } from "#core/store/postgres/session-changes.ts";
import type { Project } from "../queries/projects.ts";
import { Refusal } from "../refusal.ts";
import type { Services } from "../services.ts";
import { SessionFeed } from "./session-feed.ts";

/** Live streams of this process at once. */
const STREAMS_MAX = { caller: 20, project: 200 };

/** The live sessions that are watched in this process, a feed each, and how many watch. */
export class Feeds {
  readonly #services: Pick<Services, "sql" | "clickhouse">;
  readonly #feeds = new Map<string, { feed: SessionFeed; watchers: number }>();
  readonly #streams = new Map<string, number>();
  #isListening = false;

  constructor(services: Pick<Services, "sql" | "clickhouse">) {
    this.#services = services;
  }

  /**
   * @param caller whom to count the stream to
   * @returns the session's feed, and what gives it back
   * @throws Refusal `too_many_requests`
   */
  enter(project: Project, session: SessionKey, caller: string): { feed: SessionFeed; leave: () => void } {
    const counts = [
      [`caller ${caller}`, STREAMS_MAX.caller],
      [`project ${project.id}`, STREAMS_MAX.project],
    ] as const;
    for (const [key, most] of counts) {
      if ((this.#streams.get(key) ?? 0) < most) continue;
      const detail = `${most} live streams are open; close one`;
      throw new Refusal("too_many_requests", { detail }, { retryAfterS: 10 });
    }
    this.#listen();
    for (const [key] of counts) this.#count(key, 1);
    const id = nameOf(session);
    const entry = this.#feeds.get(id) ?? { feed: new SessionFeed(this.#services, project, session), watchers: 0 };
    entry.watchers += 1;
    this.#feeds.set(id, entry);
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      for (const [key] of counts) this.#count(key, -1);
      entry.watchers -= 1;
      if (entry.watchers === 0) this.#feeds.delete(id);
    };
    return { feed: entry.feed, leave };
  }

  /** From the first watcher on: one connection for all. */
  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    onSessionChanged(this.#services.sql, (session) => this.#feeds.get(nameOf(session))?.feed.notice());
  }

  #count(key: string, by: 1 | -1): void {
    const count = (this.#streams.get(key) ?? 0) + by;
    if (count === 0) this.#streams.delete(key);
    else this.#streams.set(key, count);
  }
}

function nameOf({ project_id, session_id }: SessionKey): string {
  return `${project_id} ${session_id}`;
}
