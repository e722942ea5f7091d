import { matchRoutes } from "react-router";
import { expect, test } from "vitest";
import { personOf, personPath } from "./address.ts";

const ROUTES = [{ path: "projects/:projectId/people/:userId" }, { path: "projects/:projectId/people/:userId/data" }];

test.each(["ada", "a/b", "..", ".", "", "a%2Fb", "%2f", "%2E", "?x#y", " a b ", "100%", "-", "data", "a\\b", "☃ 😮"])(
  "the address of a person, and of what is below, names them: %j",
  (userId) => {
    for (const [place, below] of ["", "/data"].entries()) {
      // As a browser sends it, and the router reads it.
      const url = new URL(personPath("7", userId, below), "http://console.test");
      const [found] = matchRoutes(ROUTES, url.pathname) ?? [];
      expect(found?.route.path).toBe(ROUTES[place]?.path);
      expect(found?.params.projectId).toBe("7");
      const params = { userId: found?.params.userId ?? "" };
      expect(personOf({ params, request: new Request(url) })).toBe(userId);
    }
  },
);

test("the address of an ordinary id has it in its path", () => {
  expect(personPath("7", "ada@example.com")).toBe("/projects/7/people/ada%40example.com");
});
