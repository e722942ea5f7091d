import { expect, test } from "vitest";
import { sniffType } from "./sniff.ts";

const hex = (text: string) => Buffer.from(text, "hex");

test.each([
  [hex("89504e470d0a1a0a00"), "text/html", "image/png"],
  [hex("ffd8ffe0"), "", "image/jpeg"],
  ["GIF89a", "image/gif", "image/gif"],
  ["RIFF....WEBPVP8 ", "image/webp", "image/webp"],
  ["....ftypavif", "image/avif", "image/avif"],
  ["wOF2....", "application/octet-stream", "font/woff2"],
  [hex("0001000000"), "", "font/ttf"],
  ["OTTO", "", "font/otf"],
  ['<?xml version="1.0"?>\n<!-- a --><svg xmlns="x">', "image/svg+xml", "image/svg+xml"],
  ["\ufeff <svg>", "text/plain", "image/svg+xml"],
  ['<!DOCTYPE svg PUBLIC "a" "b" [<!ENTITY c "d">]><svg >', "", "image/svg+xml"],
  ["a{}", "text/css; charset=utf-8", "text/css"],
  ["", "text/css", "text/css"],
  ["<!-- a{} -->", "text/css", "text/css"],
])("%s said to be %j is %s", (bytes, said, type) => {
  expect(sniffType(Buffer.from(bytes as string), said)).toBe(type);
});

test.each([
  ["<!doctype html><svg>", "image/svg+xml"],
  ["<html><svg>", "image/png"],
  ["<script>alert(1)</script>", "text/css"],
  ["a{}", "text/plain"],
  ["alert(1)", "text/javascript"],
  ["%PDF-1.7", "application/pdf"],
  ["RIFF....WAVE", "image/webp"],
  ["<!-- never closed <svg>", "image/svg+xml"],
  ["<svgx>", "image/svg+xml"],
  ["", ""],
])("%s said to be %j is no asset", (bytes, said) => {
  expect(sniffType(Buffer.from(bytes), said)).toBeNull();
});
