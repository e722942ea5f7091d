import { expect, it } from "vitest";
import { boxMissingImages } from "./missing-images.ts";

const KEPT = "/v1/projects/1/assets/aa";
const element = (tagName: string, attributes: Record<string, unknown>) => ({ type: 2, id: 1, tagName, attributes });
const boxed = (...childNodes: object[]) => {
  boxMissingImages({ type: 2, timestamp: 0, data: { node: { type: 0, id: 0, childNodes } } });
  return childNodes.map((node) => (node as { attributes: Record<string, unknown> }).attributes);
};

it("puts an empty picture where an image is not kept, and leaves its size to the page", () => {
  const [image, source] = boxed(
    element("img", { src: "https://cdn.example/a.png", srcset: "https://cdn.example/b.png 2x", width: "120" }),
    element("input", { type: "image", src: "https://cdn.example/a.png" }),
  );
  expect(image).toEqual({
    src: expect.stringMatching(/^data:image\/svg\+xml,%3Csvg class='rrhog-missing'/),
    width: "120",
  });
  expect(source?.src).toBe(image?.src);
});

it("leaves what is kept or was recorded inline", () => {
  const shown = [
    { src: KEPT, srcset: `${KEPT} 2x` },
    { src: "data:image/png;base64,AA" },
    { src: "blob:https://shop.example/1" },
    { srcset: "data:image/png;base64,AA 2x" },
    { alt: "" },
  ];
  expect(boxed(...shown.map((attributes) => element("img", { ...attributes })))).toEqual(shown);
});

it("does the same where an address changes", () => {
  const attributes: Record<string, unknown> = { src: "https://cdn.example/late.png", title: "t" };
  boxMissingImages({ type: 3, timestamp: 0, data: { source: 0, attributes: [{ id: 1, attributes }] } });
  expect(attributes).toEqual({ src: expect.stringContaining("rrhog-missing"), title: "t" });
});
