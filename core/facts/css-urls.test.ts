import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changeCssUrls } from "./css-urls.ts";

/** Every address as `<address>`, and every import that is known. */
const changed = (css: string, sheets: Record<string, string> = {}) =>
  changeCssUrls(css, { url: (address) => `<${address}>`, imported: (address) => sheets[address] ?? null });

describe("the addresses in a stylesheet", () => {
  it.each([
    ["a{background:url(a.png)}", 'a{background:url("<a.png>")}'],
    ["a{background:url( 'a b.png' )}", 'a{background:url("<a b.png>")}'],
    ['a{background:url("a\\"b.png")}', 'a{background:url("<a%22b.png>")}'],
    ["a{background:URL(a\\29 b.png)}", "a{background:URL(a.png)}".replace(/URL.*\)/, 'url("<a)b.png>")')],
    [
      "@font-face{src:url(a.woff2)format('woff2'),url(b.woff)}",
      '@font-face{src:url("<a.woff2>")format(\'woff2\'),url("<b.woff>")}',
    ],
  ])("in %s are found", (css, expected) => {
    expect(changed(css)).toBe(expected);
  });

  it.each([
    "/* url(a.png) @import 'a.css'; */",
    "a::after{content:'url(a.png)'}",
    "a{--x:my-url(a.png)}",
    "a{background:url(a.png",
    "a{content:'\\'url(a.png)'}",
    "@import",
    "@important{}",
  ])("are none in %s", (css) => {
    expect(changed(css)).toBe(css);
  });

  it.each([
    ["@import 'a.css';b{}", "A{}b{}"],
    ['@import url("a.css") screen and (width > 10px);b{}', "@media screen and (width > 10px){A{}}b{}"],
    [
      "@import url(a.css) layer(base) supports(display: grid) print;",
      "@layer base{@supports (display: grid){@media print{A{}}}}",
    ],
    ["@import 'a.css' layer;", "@layer {A{}}"],
    ["@import 'a.css'", "A{}"],
    ["@import 'unknown.css';b{}", "@import 'unknown.css';b{}"],
  ])("%s is put in as text", (css, expected) => {
    expect(changed(css, { "a.css": "A{}" })).toBe(expected);
  });

  it("leaves every character that is no address, and ends on any text", () => {
    const piece = fc.constantFrom("url(", ")", '"', "'", "\\", "/*", "*/", "@import ", ";", "{", "}", "a", " ", "\n");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const css = pieces.join("");
        expect(changeCssUrls(css, { url: () => null, imported: () => null })).toBe(css);
      }),
    );
  });

  it.each(["url(", "@import ", "'", "/*", "url( ", "\\"])(
    "takes time in proportion to a sheet of nothing but %s",
    (piece) => {
      // Quadratic time would be minutes, and the test would run into its end.
      changed(piece.repeat(400_000));
    },
  );
});
