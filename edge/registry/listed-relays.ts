/**
 * Which relays may hold batches that no stream has yet, in the registry's SQLite. A relay that said that it is empty keeps
 * its row, so that its earlier word, coming late, changes nothing; there are as many rows as there ever were relays.
 */
export class ListedRelays {
  readonly #storage: DurableObjectStorage;
  readonly #clock: () => number;

  constructor(storage: DurableObjectStorage, clock: () => number = Date.now) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /** @throws when storage does */
  note(name: string, mayHold: boolean, saidAt: number): void {
    // A clock that ran ahead must not outvote all that is said until it is caught up with.
    const now = this.#clock();
    this.#storage.sql.exec(
      `INSERT INTO relays (name, said_at, may_hold) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET said_at = excluded.said_at, may_hold = excluded.may_hold
       WHERE excluded.said_at >= min(relays.said_at, ?)`,
      name,
      Math.min(saidAt, now),
      Number(mayHold),
      now,
    );
  }

  /** @throws when storage does */
  names(): string[] {
    const { sql } = this.#storage;
    const rows = sql.exec<{ name: string }>("SELECT name FROM relays WHERE may_hold = 1 ORDER BY name").toArray();
    return rows.map(({ name }) => name);
  }
}
