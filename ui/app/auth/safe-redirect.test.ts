import { describe, expect, it } from "vitest";
import { safeRedirect, signInPath } from "./safe-redirect.ts";

describe("safeRedirect", () => {
  it.each(["/", "/projects/1/sessions", "/projects/1/sessions/3f9a?t=12#event-4", "/a//b"])("follows %s", (path) => {
    expect(safeRedirect(path)).toBe(path);
  });

  it.each([
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/..//evil.example",
    "/.//evil.example",
    "javascript:alert(1)",
    "projects/1",
    "",
    null,
    undefined,
    ["/a"],
  ])("does not follow %j", (next) => expect(safeRedirect(next)).toBe("/"));

  it("does not lead back to signing in or out", () => {
    expect(safeRedirect("/sign-in?next=/sign-in")).toBe("/");
    expect(safeRedirect("/sign-out")).toBe("/");
  });
});

describe("signInPath", () => {
  it("remembers the page that was wanted, also when its data alone was asked for", () => {
    expect(signInPath(new URL("http://h/projects/1/sessions?errors=1"))).toBe(
      "/sign-in?next=%2Fprojects%2F1%2Fsessions%3Ferrors%3D1",
    );
    expect(signInPath(new URL("http://h/projects/1/sessions.data"))).toBe("/sign-in?next=%2Fprojects%2F1%2Fsessions");
    expect(signInPath(new URL("http://h/projects/1/people.data?search=ada&_routes=root%2Croutes%2Fpeople"))).toBe(
      "/sign-in?next=%2Fprojects%2F1%2Fpeople%3Fsearch%3Dada",
    );
  });
});
