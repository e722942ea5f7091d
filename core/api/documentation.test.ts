import { expect, test } from "vitest";
import { documentation } from "./documentation.ts";

test("the document is generated when it is first asked for, and never again", async () => {
  let generated = 0;
  const app = documentation(() => ({ generated: ++generated }));
  expect(generated).toBe(0);
  for (let asked = 0; asked < 3; asked++) {
    expect(await (await app.request("/openapi.json")).json()).toEqual({ generated: 1 });
  }
});
