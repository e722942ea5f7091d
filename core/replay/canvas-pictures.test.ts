import { describe, expect, it } from "vitest";
import { showCanvasPictures } from "./canvas-pictures.ts";

const BASE64 = "UklGRg==";

/** As rrweb's recorder sends a picture of a canvas. */
const picture = (base64: string, type = "image/webp") => ({
  type: 3,
  timestamp: 0,
  data: {
    source: 9,
    id: 7,
    type: 0,
    commands: [
      { property: "clearRect", args: [0, 0, 300, 150] },
      {
        property: "drawImage",
        args: [
          { rr_type: "ImageBitmap", args: [{ rr_type: "Blob", data: [{ rr_type: "ArrayBuffer", base64 }], type }] },
          0,
          0,
        ],
      },
    ],
  },
});

describe("showCanvasPictures", () => {
  it("shows a picture of a canvas as its background", () => {
    expect(showCanvasPictures(picture(BASE64)).data).toEqual({
      source: 0,
      adds: [],
      removes: [],
      texts: [],
      attributes: [
        {
          id: 7,
          attributes: { style: { background: `url("data:image/webp;base64,${BASE64}") 0 0 / 100% 100% no-repeat` } },
        },
      ],
    });
  });

  it("shows what a snapshot has of one, beside its own style", () => {
    const attributes: Record<string, unknown> = { style: "width: 9px", rr_dataURL: `data:image/png;base64,${BASE64}` };
    const node = { type: 0, childNodes: [{ type: 2, tagName: "canvas", attributes }] };
    showCanvasPictures({ type: 2, timestamp: 0, data: { node } });
    expect(attributes).toEqual({
      style: `width: 9px;background:url("data:image/png;base64,${BASE64}") 0 0 / 100% 100% no-repeat`,
    });
  });

  it.each([
    ["an address in the place of bytes", picture('"), url(https://evil.example')],
    ["what is no picture", picture(BASE64, "text/html")],
    [
      "a command",
      { type: 3, timestamp: 0, data: { source: 9, id: 7, type: 0, property: "constructor", args: ["alert(1)"] } },
    ],
    ["nothing", { type: 3, timestamp: 0, data: { source: 9, id: 7, commands: [null, { property: "drawImage" }] } }],
  ])("leaves %s to be passed over", (_, event) => {
    const before = structuredClone(event);
    expect(showCanvasPictures(event)).toEqual(before);
  });
});
