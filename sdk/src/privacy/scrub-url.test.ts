import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MASK } from "./mask.ts";
import { scrubUrl } from "./scrub-url.ts";

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.sw5c_-9";

const SECRET_NAMES = [
  ..."token access_token id_token refreshToken csrf-token code key api_key apiKey password passwd pass pwd".split(" "),
  ..."secret client_secret auth Authorization session session_id PHPSESSID sid sig signature X-Amz-Signature".split(
    " ",
  ),
  ..."X-Amz-Credential jwt otp pin email user[email] user%5Bpassword%5D acc%65ss SAMLResponse".split(" "),
];
const PLAIN_NAMES = "q page sort utm_source id v keyword zip passengers lang item[]".split(" ");

const part = fc.string({ unit: fc.constantFrom(..."abzAZ059._~!$'()*+,:@%20/-é ".split("")), maxLength: 12 });
/** As people write it: what the parser would change, and what it would take for a separator, included. */
const value = fc.string({ unit: "binary-ascii", maxLength: 20 }).map((text) => text.replace(/[&#\t\r\n]/g, ""));
const plain = fc.tuple(fc.constantFrom(...PLAIN_NAMES), part);
const pathname = fc
  .array(fc.constantFrom("a", "shop", "@scope", "b.html", "2026", "x:y", "a@b"))
  .map((all) => all.join("/"));
const origin = fc.constantFrom("https://shop.example.com", "http://localhost:8080", "ftp://files.example");
const isScrubbed = (text: string) => text === MASK;

describe("scrubUrl", () => {
  it.each([
    ["https://ada:pa55@shop.example/x?y=1", `https://${MASK}@shop.example/x?y=1`],
    ["//ada@shop.example/", `//${MASK}@shop.example/`],
    ["https:\\\\ada:pa55@shop.example", `https:\\\\${MASK}@shop.example`],
    ["https:ada:pa55@shop.example", `https:${MASK}@shop.example`],
    [
      "https://shop.example/a?token=1&page=2&email=a@b.c#top",
      `https://shop.example/a?token=${MASK}&page=2&email=${MASK}#top`,
    ],
    ["/callback#access_token=1&state=2", `/callback#access_token=${MASK}&state=2`],
    ["#/reset?code=1", `#/reset?code=${MASK}`],
    ["?a=1;token=2;b=3", `?a=1;token=${MASK}`],
    ["?token=a=b?c", `?token=${MASK}`],
    ["?token=", `?token=${MASK}`],
    [`/verify/${JWT}/now`, `/verify/${MASK}/now`],
    [`/verify?next=/x/${JWT}`, `/verify?next=/x/${MASK}`],
    ["data:image/svg+xml;base64,PHN2Zz4=#token=1", `data:image/svg+xml;base64,PHN2Zz4=#token=${MASK}`],
    ["mailto:ada@example.com", `mailto:${MASK}@example.com`],
  ])("%s", (url, scrubbed) => {
    expect(scrubUrl(url)).toBe(scrubbed);
  });

  it.each([
    "",
    "/@scope/package@1.0.0?page=2",
    "a@b/c:d@e",
    "https://shop.example/a@b?keyword=x&author#tokens",
    "?passengers=2&sort=key",
    "data:text/plain,token",
    "eyJ.no",
    "data:image/png;base64,iVBORw0KGgo/+key=",
    " DATA:font/woff2;charset=x;base64,d09GMgABtoken==",
  ])("leaves as it is: %s", (url) => {
    expect(scrubUrl(url)).toBe(url);
  });

  it("never throws, and finds nothing more in what it has scrubbed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(scrubUrl(scrubUrl(text))).toBe(scrubUrl(text));
      }),
    );
  });

  it("leaves no value that a parser could read from a parameter named like a secret, in the query or the hash", () => {
    const secret = fc.tuple(fc.constantFrom(...SECRET_NAMES), value);
    const pairs = fc.array(fc.oneof(secret, plain), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(origin, pathname, fc.constantFrom("?", "#", "#/route?"), pairs, (base, path, start, all) => {
        const text = all.map(([name, content]) => `${name}=${content}`).join("&");
        const { search, hash } = new URL(scrubUrl(`${base}/${path}${start}${text}`));
        const found = new URLSearchParams(search || hash.replace(/^#(\/route\?)?/, ""));
        for (const [name] of all.filter(([name]) => SECRET_NAMES.includes(name))) {
          const decoded = [...new URLSearchParams(`${name}=`).keys()][0] as string;
          expect(found.getAll(decoded).every(isScrubbed)).toBe(true);
        }
      }),
    );
  });

  it("leaves no name and no password before the host", () => {
    const user = fc.string({ unit: "binary-ascii", minLength: 1 }).map((text) => text.replace(/[\\/?#\s]/g, "u"));
    fc.assert(
      fc.property(user, fc.option(user), pathname, (name, password, path) => {
        const userinfo = password === null ? name : `${name}:${password}`;
        const url = `https://${userinfo}@shop.example/${path}`;
        fc.pre(URL.canParse(url));
        const parsed = new URL(scrubUrl(url));
        expect([parsed.host, parsed.username, parsed.password]).toEqual(["shop.example", MASK, ""]);
        expect(parsed.pathname).toBe(new URL(url).pathname);
      }),
    );
  });

  it("changes no byte of the rest: path, plain parameters, their order and encoding, and what is relative", () => {
    const start = fc.oneof(
      origin.map((text) => `${text}/`),
      fc.constantFrom("/", "", "../", "./", "//cdn.example/"),
    );
    fc.assert(
      fc.property(
        start,
        pathname,
        fc.array(plain),
        fc.constantFrom("", "#", "#part", "#/route"),
        (base, path, all, hash) => {
          // A relative path that begins like a scheme is one.
          fc.pre(base !== "" || !/^[\w+.-]*:/.test(path));
          const url = `${base}${path}?${all.map(([name, text]) => `${name}=${text}`).join("&")}${hash}`;
          expect(scrubUrl(url)).toBe(url);
        },
      ),
    );
  });

  it.each(["?token", "a:", "?", "eyJ", "?a", "@", "/", "#&;", "?passpass"])(
    "reads a long text once: %s ...",
    (text) => {
      const long = text.repeat(100_000);
      expect(scrubUrl(long)).toBe(long);
    },
  );
});
