/**
 * Sealed batches without a 202. The page works from memory; IndexedDB holds a copy for whoever comes after this page:
 * the tab's next one, another tab, another visit. A copy that two pages send folds into one at the server.
 *
 * Limit: OUTBOX_BYTES_MAX of bodies. What is beyond is given up oldest first and reported; what is too old, by the recorder.
 * Who deletes: `remove`, after a 202 or when a batch is given up, and `clear`, for who opts out.
 */
import type { SealedBatch } from "./batch.ts";

export const OUTBOX_BYTES_MAX = 16 * 1024 * 1024;

const STORE = "batches";
/**
 * Of the stored records. 1: the JSON format, whole in the body. 2: a record may have a `query`, and those of 1 are read as
 * they are. A recorder of an older version cannot open the database, and so never sends a framed body without its query.
 */
const VERSION = 2;

export interface Outbox {
  /** In the order they were sealed. */
  readonly batches: readonly SealedBatch[];
  /** Takes a batch; returns those that had to go to make room. */
  add(batch: SealedBatch): SealedBatch[];
  remove(batch: SealedBatch): void;
  /** Ends the holding of a batch, for who comes after this page too. */
  letGo(batch: SealedBatch): void;
  /** Deletes all, what other pages left included. */
  clear(): void;
  /** Takes over what other pages left: batches that `isLeft` says yes to. Returns how many came. */
  adopt(isLeft: (batch: SealedBatch) => boolean): Promise<number>;
}

/** One outbox for each project of an origin, since `name` (the write key) is part of the database's name. */
export function openOutbox(name: string): Outbox {
  let batches: SealedBatch[] = [];
  /** What is being read meanwhile is not to come back. */
  let isCleared = false;
  const database = openDatabase(`rrhog.${name}`);

  // Transactions of one connection run in the order they were made, so a removal never overtakes its own addition.
  function store(work: (store: IDBObjectStore) => void): void {
    void database
      .then((db) => {
        if (!db) return;
        const transaction = db.transaction(STORE, "readwrite");
        work(transaction.objectStore(STORE));
        // A page that goes would not live to see the request succeed, and its transaction would be rolled back.
        transaction.commit?.();
      })
      .catch(() => {});
  }

  function remove(batch: SealedBatch): void {
    batches = batches.filter(({ id }) => id !== batch.id);
    store((kept) => kept.delete(batch.id));
  }

  return {
    get batches() {
      return batches;
    },
    add(batch) {
      batches.push(batch);
      store((kept) => kept.put(batch));
      const evicted: SealedBatch[] = [];
      for (let bytes = bytesOf(batches); bytes > OUTBOX_BYTES_MAX && batches.length > 1; bytes = bytesOf(batches)) {
        const oldest = batches[0] as SealedBatch;
        remove(oldest);
        evicted.push(oldest);
      }
      return evicted;
    },
    remove,
    letGo(batch) {
      batch.held = false;
      store((kept) => kept.put(batch));
    },
    clear() {
      batches = [];
      isCleared = true;
      store((kept) => kept.clear());
    },
    async adopt(isLeft) {
      const db = await database;
      const kept = db ? await readAll(db) : [];
      const known = new Set(batches.map(({ id }) => id));
      const adopted = kept.filter((batch) => !isCleared && !known.has(batch.id) && isLeft(batch));
      batches = [...adopted, ...batches].sort((a, b) => a.sealedAt - b.sealedAt || a.seq - b.seq);
      return adopted.length;
    },
  };
}

function bytesOf(batches: readonly SealedBatch[]): number {
  return batches.reduce((sum, { body }) => sum + body.byteLength, 0);
}

/** Null where there is no IndexedDB (some private modes, sandboxed frames): then memory is all there is. */
function openDatabase(name: string): Promise<IDBDatabase | null> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open(name, VERSION);
      request.onupgradeneeded = ({ oldVersion }) => {
        if (oldVersion === 0) request.result.createObjectStore(STORE, { keyPath: "id" });
      };
      request.onsuccess = () => {
        const db = request.result;
        db.onversionchange = () => db.close();
        resolve(db);
      };
      request.onerror = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}

function readAll(db: IDBDatabase): Promise<SealedBatch[]> {
  return new Promise((resolve) => {
    const request = db.transaction(STORE).objectStore(STORE).getAll() as IDBRequest<SealedBatch[]>;
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve([]);
  });
}
