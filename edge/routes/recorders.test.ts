/** Bodies of recorders of other versions, by the samples that edge/test/samples/ keeps: see docs/versions.md. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { giveKey, KEY, openStream, post } from "../test/edge.ts";
import samples from "../test/samples/bodies.json" with { type: "json" };

let stream: Awaited<ReturnType<typeof openStream>>;
beforeAll(async () => {
  await giveKey(KEY);
  stream = await openStream();
});
afterAll(() => stream.close());

describe("POST /i takes the body of a recorder of another version", () => {
  // By its own clock no sample is older than a project keeps data, however old it has become here.
  const headers = { "X-Sent-At": String(Date.UTC(2026, 10, 26, 9, 0, 6)) };

  it.each(samples)("$name: $what", async ({ body, events }) => {
    const before = await stream.lastSeq();
    const response = await post(body, { headers });
    expect(response.status, await response.clone().text()).toBe(202);
    const [stored] = await stream.batchesAfter(before);
    const { events_offset, events_length, session_id } = stored?.envelope ?? {};
    const said = JSON.parse(body) as { session_id: string; events: unknown[] };
    expect(session_id).toBe(said.session_id.toLowerCase());
    expect(new TextDecoder().decode(stored?.body)).toBe(body);
    const slice = body.slice(events_offset, (events_offset ?? 0) + (events_length ?? 0));
    expect(JSON.parse(slice)).toEqual(said.events);
    expect(said.events).toHaveLength(events);
  });
});
