import { describe, expect, it, vi } from "vitest";
import type { SealedBatch } from "./batch.ts";
import { OUTBOX_BYTES_MAX, openOutbox } from "./outbox.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000 });
const name = () => crypto.randomUUID();

function batch(seq: number, { sealedAt = Date.now(), bytes = 10, windowId = "w" } = {}): SealedBatch {
  return { id: `s/${windowId}/${seq}`, sessionId: "s", windowId, seq, sealedAt, body: new Uint8Array(bytes).fill(seq) };
}

describe("outbox", () => {
  it("hands the page after the same bytes, oldest first", async () => {
    const shared = name();
    const now = Date.now();
    const before = openOutbox(shared);
    before.add(batch(1, { sealedAt: now - 1 }));
    before.add(batch(0, { sealedAt: now - 2 }));
    const after = openOutbox(shared);
    await until(async () => {
      await after.adopt(() => true);
      expect(after.batches.map(({ seq, body }) => [seq, body[9]])).toEqual([
        [0, 0],
        [1, 1],
      ]);
    });
    expect(await after.adopt(() => true)).toBe(0);
  });

  it("takes over what an older recorder left, as the JSON format that it is", async () => {
    const shared = name();
    const older = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(`rrhog.${shared}`, 1);
      request.onupgradeneeded = () => request.result.createObjectStore("batches", { keyPath: "id" });
      request.onsuccess = () => resolve(request.result);
    });
    older.onversionchange = () => older.close();
    const transaction = older.transaction("batches", "readwrite");
    transaction.objectStore("batches").put(batch(0));
    await new Promise((resolve) => {
      transaction.oncomplete = resolve;
    });

    const newer = openOutbox(shared);
    await until(async () => expect(await newer.adopt(() => true)).toBe(1));
    expect(newer.batches[0]?.query).toBeUndefined();
    expect(newer.batches[0]?.body).toEqual(batch(0).body);
    newer.add({ ...batch(1), query: "seq=1" });
    const next = openOutbox(shared);
    await until(async () => {
      await next.adopt(() => true);
      expect(next.batches.map(({ query }) => query)).toEqual([undefined, "seq=1"]);
    });
  });

  it("is closed to an older recorder, which would send a framed body without its query", async () => {
    const shared = name();
    openOutbox(shared).add({ ...batch(0), query: "seq=0" });
    await until(async () => expect(await openOutbox(shared).adopt(() => true)).toBe(1));
    const error = await new Promise((resolve) => {
      const request = indexedDB.open(`rrhog.${shared}`, 1);
      request.onerror = () => resolve(request.error?.name);
      request.onsuccess = () => resolve(null);
    });
    expect(error).toBe("VersionError");
  });

  it("forgets a batch for good once it is removed", async () => {
    const shared = name();
    const before = openOutbox(shared);
    const [first, second] = [batch(0), batch(1)];
    before.add(first);
    before.add(second);
    before.remove(first);
    expect(before.batches).toEqual([second]);
    const after = openOutbox(shared);
    await until(async () => expect(await after.adopt(() => true)).toBe(1));
    expect(after.batches.map(({ seq }) => seq)).toEqual([1]);
  });

  it("holds a batch back for the page after too, until it is let go", async () => {
    const shared = name();
    const before = openOutbox(shared);
    const held = { ...batch(0), held: true };
    before.add(held);
    const after = openOutbox(shared);
    await until(async () => expect(await after.adopt(() => true)).toBe(1));
    expect(after.batches[0]?.held).toBe(true);
    before.letGo(held);
    await until(async () => {
      const later = openOutbox(shared);
      await later.adopt(() => true);
      expect(later.batches.map(({ held, body }) => [held, body[9]])).toEqual([[false, 0]]);
    });
  });

  it("leaves alone what another page is still at, and keeps projects apart", async () => {
    const shared = name();
    openOutbox(shared).add(batch(0, { windowId: "theirs" }));
    const outbox = openOutbox(shared);
    expect(await outbox.adopt(({ windowId }) => windowId === "mine")).toBe(0);
    await until(async () => expect(await outbox.adopt(() => true)).toBe(1));
    expect(await openOutbox(name()).adopt(() => true)).toBe(0);
  });

  it("brings nothing back that is deleted while it is read", async () => {
    const shared = name();
    openOutbox(shared).add(batch(0));
    await until(async () => expect(await openOutbox(shared).adopt(() => true)).toBe(1));
    const outbox = openOutbox(shared);
    const adopting = outbox.adopt(() => true);
    outbox.clear();
    expect(await adopting).toBe(0);
    expect(outbox.batches).toEqual([]);
  });

  it("gives up the oldest beyond its bytes", async () => {
    const shared = name();
    const outbox = openOutbox(shared);
    expect(outbox.add(batch(0, { bytes: OUTBOX_BYTES_MAX - 10 }))).toEqual([]);
    expect(outbox.add(batch(1)).map(({ seq }) => seq)).toEqual([]);
    expect(outbox.add(batch(2)).map(({ seq }) => seq)).toEqual([0]);
    expect(outbox.batches.map(({ seq }) => seq)).toEqual([1, 2]);
  });
});
