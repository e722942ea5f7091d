import { Refusal } from "./refusal.ts";

/** Files that are being uploaded: so many of a project and of all at once, and each looked into by itself. */
export class Uploads {
  readonly #most: { project: number; all: number };
  readonly #ofProject = new Map<number, number>();
  #all = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(most: { project: number; all: number }) {
    this.#most = most;
  }

  /** @throws Refusal `too_many_requests` */
  async during<T>(projectId: number, upload: () => Promise<T>): Promise<T> {
    const ofProject = this.#ofProject.get(projectId) ?? 0;
    if (ofProject >= this.#most.project || this.#all >= this.#most.all) {
      throw new Refusal("too_many_requests", { detail: "other files are being uploaded" }, { retryAfterS: 5 });
    }
    this.#count(projectId, 1);
    try {
      return await upload();
    } finally {
      this.#count(projectId, -1);
    }
  }

  /** After those before it. Who has left by then costs nothing more. */
  alone<T>(caller: AbortSignal, work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => {
      caller.throwIfAborted();
      return work();
    });
    this.#last = turn.catch(() => {}); // told to who asked for it
    return turn;
  }

  #count(projectId: number, by: 1 | -1): void {
    const count = (this.#ofProject.get(projectId) ?? 0) + by;
    if (count === 0) this.#ofProject.delete(projectId);
    else this.#ofProject.set(projectId, count);
    this.#all += by;
  }
}
