import { expect, it } from "vitest";
import { type BatchIdentity, batchId, digestedBatchId } from "#protocol/batch-id.ts";

it("batches that are admitted at once get each its own id, in this runtime too", async () => {
  const identities: BatchIdentity[] = Array.from({ length: 300 }, (_, seq) => ({
    projectId: 1,
    sessionId: "0195a000-0000-7000-8000-000000000001",
    windowId: "w",
    seq,
    // Of all lengths: the shorter ones are joined in memory that they share.
    events: new Uint8Array((seq * 977) % 100_000).fill(seq),
  }));
  expect(await Promise.all(identities.map(digestedBatchId))).toEqual(identities.map(batchId));
});
