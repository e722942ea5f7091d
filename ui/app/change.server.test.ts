import type { ClientResponse } from "hono/client";
import { RouterContextProvider } from "react-router";
import { describe, expect, it } from "vitest";
import { change } from "./change.server.ts";

/** What a change by somebody who is signed in no longer is answered with. */
async function answered(headers: HeadersInit) {
  const call = Promise.resolve(Response.json({}, { status: 401 }) as unknown as ClientResponse<unknown, 401, "json">);
  const request = new Request("http://h/projects/1/sessions/3f9a/notes", { method: "POST", headers });
  const thrown = await change(call, { request, context: new RouterContextProvider() }).catch((error) => error);
  return (thrown as Response).headers.get("location");
}

describe("a change by who is signed in no longer", () => {
  it("leads to the sign-in, and from there back to the page that the form stands on", async () => {
    expect(await answered({ referer: "http://h/projects/1/sessions/3f9a?t=12" })).toBe(
      "/sign-in?next=%2Fprojects%2F1%2Fsessions%2F3f9a%3Ft%3D12",
    );
    expect(await answered({})).toBe("/sign-in");
  });
});
