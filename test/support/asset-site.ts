/**
 * A page that is little without its assets, which come from another host: stylesheets, one that a stylesheet imports, a
 * font, images by `src`, `srcset` and CSS, an SVG symbol. A deploy changes all of them under the same addresses.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";

const FONT = join(
  resolve(import.meta.dirname, "../.."),
  "node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
);

export interface AssetSite {
  url: string;
  /** `host:port` that the assets come from. */
  cdn: string;
  /** What the page is made of, by path, once all is kept that may be. */
  assets: Record<string, string>;
  /** From now on all looks different. */
  deployAnew(): void;
  close(): void;
}

export async function startAssetSite(edgeUrl: string): Promise<AssetSite> {
  const font = await readFile(FONT);
  let deploy = 1;
  const cdn = await listen((path) => {
    const [type, body] = asset(path, deploy, font) ?? ["text/plain", null];
    return { type, body };
  });
  const site = await listen((path) =>
    path === "/elsewhere.svg"
      ? { type: "image/svg+xml", body: picture("#888", 10, 10) }
      : { type: "text/html; charset=utf-8", body: html(`http://${cdn.host}`, edgeUrl) },
  );
  return {
    url: `http://${site.host}/`,
    cdn: cdn.host,
    assets: {
      ...Object.fromEntries(ASSETS.map((path) => [path, "kept"])),
      "/elsewhere.svg": "host_not_allowed",
    },
    deployAnew() {
      deploy++;
    },
    close() {
      cdn.close();
      site.close();
    },
  };
}

const ASSETS = [
  "/css/site.css",
  "/css/parts/type.css",
  "/fonts/inter.woff2",
  "/img/hero.svg",
  "/img/plain.svg",
  "/img/dense.svg",
  "/img/wide.svg",
  "/img/tile.svg",
  "/img/inline.svg",
];

function html(cdn: string, edgeUrl: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Assets</title>
<link rel="stylesheet" href="${cdn}/css/site.css">
<script async src="${edgeUrl}/rrhog.js" data-key="dev_write_123"></script></head><body>
<h1>Kept as it was</h1>
<p class="row"><img src="${cdn}/img/hero.svg" alt="Hero" width="200" height="120">
<img src="${cdn}/img/plain.svg" srcset="${cdn}/img/plain.svg 1x, ${cdn}/img/dense.svg 2x" alt="Plain">
<picture><source srcset="${cdn}/img/wide.svg" media="(min-width: 400px)"><img src="${cdn}/img/plain.svg" alt="Wide"></picture></p>
<div class="tiled">Tiled</div>
<div style="height: 60px; background: url(${cdn}/img/inline.svg)">By attribute</div>
<div style="height: 400px"></div>
<img id="elsewhere" src="/elsewhere.svg" width="120" height="40" alt="A text that would take more room than the image">
</body></html>`;
}

function asset(path: string, deploy: number, font: Buffer): [string, string | Buffer] | null {
  const isFirst = deploy === 1;
  const svg = (color: string, width: number, height: number): [string, string] => [
    "image/svg+xml",
    picture(isFirst ? color : "#111", width, height),
  ];
  switch (path) {
    case "/css/site.css":
      return [
        "text/css",
        `@import "parts/type.css" screen;
        .tiled { height: 80px; margin: 10px 0; background: url('../img/tile.svg') }
        .row { display: flex; gap: 10px }
        ${isFirst ? "" : "body { background: #222 } .row { display: block }"}`,
      ];
    case "/css/parts/type.css":
      return [
        "text/css",
        `@font-face { font-family: Kept; font-weight: 100 900; src: url(../../fonts/inter.woff2) format("woff2") }
        body { margin: 20px; font: ${isFirst ? 18 : 30}px Kept, monospace } h1 { font-weight: 800; letter-spacing: 2px }`,
      ];
    case "/fonts/inter.woff2":
      return ["font/woff2", isFirst ? font : Buffer.from("gone")];
    case "/img/hero.svg":
      return svg("#c33", 400, 240);
    case "/img/plain.svg":
      return svg("#3a3", 120, 120);
    case "/img/dense.svg":
      return svg("#3aa", 240, 240);
    case "/img/wide.svg":
      return svg("#33c", 160, 120);
    case "/img/tile.svg":
      return svg("#c90", 40, 40);
    case "/img/inline.svg":
      return svg("#93c", 60, 60);
    default:
      return null;
  }
}

const picture = (color: string, width: number, height: number) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 10 10">
  <rect width="10" height="10" fill="${color}"/><circle cx="5" cy="5" r="3" fill="#fff"/></svg>`;

async function listen(answer: (path: string) => { type: string; body: string | Buffer | null }) {
  const server = createServer((request, response) => {
    const { type, body } = answer(new URL(request.url ?? "/", "http://localhost").pathname);
    response
      .writeHead(body === null ? 404 : 200, {
        "content-type": type,
        "access-control-allow-origin": "*",
        "cache-control": "no-store",
      })
      .end(body);
  });
  server.listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The part of two pictures' pixels that differ by more than an eye would see, 0 to 1. Drawn by the page's browser. */
export function differingPart(page: Page, one: Buffer, other: Buffer): Promise<number> {
  return page.evaluate(
    async (pictures) => {
      const [a, b] = await Promise.all(
        pictures.map(async (base64) => {
          const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
          const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
          context?.drawImage(bitmap, 0, 0);
          return context?.getImageData(0, 0, bitmap.width, bitmap.height);
        }),
      );
      if (!a || !b || a.width !== b.width || a.height !== b.height) return 1;
      let differing = 0;
      for (let i = 0; i < a.data.length; i += 4) {
        if ([0, 1, 2].some((channel) => Math.abs((a.data[i + channel] ?? 0) - (b.data[i + channel] ?? 0)) > 24))
          differing++;
      }
      return differing / (a.width * a.height);
    },
    [one, other].map((picture) => picture.toString("base64")),
  );
}
