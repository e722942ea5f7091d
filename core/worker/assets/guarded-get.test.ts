import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GetOptions, type Got, guardedGet } from "./guarded-get.ts";

/** What the host answers, by path. */
const ANSWERS: Record<string, RequestListener> = {
  "/a.css": (request, response) => {
    asked.push(request.headers);
    response.writeHead(200, { "content-type": "text/css", etag: '"1"', "set-cookie": "a=b" }).end("a{}");
  },
  "/moved": (_, response) => response.writeHead(302, { location: "/css/../a.css" }).end(),
  "/to-loopback": (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
  "/to-metadata": (_, response) =>
    response.writeHead(301, { location: "http://169.254.169.254/latest/meta-data" }).end(),
  "/to-file": (_, response) => response.writeHead(302, { location: "file:///etc/passwd" }).end(),
  "/to-name": (_, response) => response.writeHead(302, { location: "http://internal.example/" }).end(),
  "/around": (_, response) => response.writeHead(307, { location: "/around" }).end(),
  "/unchanged": (request, response) => response.writeHead(request.headers["if-none-match"] === '"1"' ? 304 : 200).end(),
  "/large": (_, response) => response.end(Buffer.alloc(2_000)),
  "/bomb": (_, response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(30_000_000))),
  "/gzipped": (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("a{}")),
  "/damaged": (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end("no gzip"),
  "/zstd": (_, response) => response.writeHead(200, { "content-encoding": "zstd" }).end("?"),
  "/silent": () => {},
  "/slow": (_, response) => void response.write("a"),
  "/upgrade": (_, response) =>
    void response.socket?.end("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"),
  "/gone": (_, response) => response.writeHead(404).end(),
  "/busy": (_, response) => response.writeHead(503).end(),
};

const asked: unknown[] = [];
const server = createServer((request, response) => ANSWERS[request.url ?? ""]?.(request, response));
let origin: string;
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** As in development, where the test's host may be asked; `internal.example` is what an attacker's DNS would say. */
const get = (url: string, options: Partial<GetOptions> = {}): Promise<Got> =>
  guardedGet(url, { isAllowed: () => true, loopback: true, resolve: async () => ["10.0.0.7"], ...options });
const missed = async (url: string, options?: Partial<GetOptions>) => {
  const got = await get(url, options);
  return got.status === "missed" ? got.why : got.status;
};

describe("an asset is got", () => {
  test("with nothing of ours, and through redirects that may be followed", async () => {
    expect(await get(`http://${origin}/moved`)).toEqual({
      status: "got",
      bytes: Buffer.from("a{}"),
      contentType: "text/css",
      url: `http://${origin}/a.css`,
      etag: '"1"',
      lastModified: null,
    });
    await get(`http://${origin}/a.css`);
    for (const headers of asked) {
      expect(Object.keys(headers as object).sort()).toEqual([
        "accept",
        "accept-encoding",
        "connection",
        "host",
        "user-agent",
      ]);
    }
  });

  test("inflated, or not at all where it has not changed", async () => {
    expect(await get(`http://${origin}/gzipped`)).toMatchObject({ bytes: Buffer.from("a{}") });
    expect(await get(`http://${origin}/unchanged`, { etag: '"1"' })).toEqual({ status: "unchanged" });
  });

  test("from the very address that was looked at, whatever the name says a moment later", async () => {
    const answers = [["127.0.0.1"], ["10.0.0.7"]];
    const resolve = async () => answers.shift() ?? [];
    expect(await get(`http://rebinding.example:${origin.split(":")[1]}/a.css`, { resolve })).toMatchObject({
      status: "got",
    });
    expect(answers).toHaveLength(1);
  });
});

describe("nothing is asked", () => {
  test.each([
    ["http://127.0.0.1/", "loopback"],
    ["http://2130706433/", "decimal"],
    ["http://0177.0.0.1/", "octal"],
    ["http://0x7f.1/", "hexadecimal, short"],
    ["http://0/", "this host"],
    ["http://10.1.2.3/", "private"],
    ["http://172.16.0.1/", "private"],
    ["http://192.168.0.1/", "private"],
    ["http://100.100.100.200/", "CGNAT, and Alibaba's metadata"],
    ["http://169.254.169.254/", "link-local, and most clouds' metadata"],
    ["http://168.63.129.16/", "Azure's own"],
    ["http://192.0.0.192/", "protocol assignments, and Oracle's metadata"],
    ["http://198.18.0.1/", "benchmarking"],
    ["http://224.0.0.1/", "multicast"],
    ["http://255.255.255.255/", "broadcast"],
    ["http://[::1]/", "loopback"],
    ["http://[::]/", "unspecified"],
    ["http://[::ffff:169.254.169.254]/", "v4-mapped"],
    ["http://[::ffff:7f00:1]/", "v4-mapped loopback"],
    ["http://[::127.0.0.1]/", "v4-compatible"],
    ["http://[64:ff9b::a9fe:a9fe]/", "NAT64"],
    ["http://[64:ff9b:1::1]/", "local NAT64"],
    ["http://[2002:7f00:1::]/", "6to4"],
    ["http://[2001::1]/", "Teredo"],
    ["http://[fe80::1]/", "link-local"],
    ["http://[fd00:ec2::254]/", "unique local, and AWS' metadata"],
    ["http://[fec0::1]/", "site-local"],
    ["http://[ff02::1]/", "multicast"],
    ["http://[4000::1]/", "not given out"],
  ])("of %s: %s", async (url) => {
    expect(await missed(url, { loopback: false })).toBe("address_not_public");
  });

  test.each([[["10.0.0.7"]], [["8.8.8.8", "127.0.0.1"]], [["::ffff:10.0.0.7"]], [["nonsense"]]])(
    "of a name that resolves to %j",
    async (addresses) => {
      const resolve = async () => addresses;
      expect(await missed("https://internal.example/", { resolve })).toBe("address_not_public");
    },
  );

  test.each([
    ["ftp://8.8.8.8/", "scheme_not_allowed"],
    ["file:///etc/passwd", "scheme_not_allowed"],
    ["http://user:password@8.8.8.8/", "credentials_in_address"],
    ["http://8.8.8.8:22/", "port_not_allowed"],
    ["http://8.8.8.8:8080/", "port_not_allowed"],
  ])("of %s", async (url, why) => {
    expect(await missed(url)).toBe(why);
  });

  test.each([
    ["to-metadata", "address_not_public"],
    ["to-file", "scheme_not_allowed"],
    ["to-name", "address_not_public"],
    ["around", "redirects_too_many"],
  ])("where a redirect leads %s", async (path, why) => {
    expect(await missed(`http://${origin}/${path}`)).toBe(why);
  });

  test("where a redirect leads to a host that is not allowed, loopback without leave among them", async () => {
    const isAllowed = (url: URL) => url.host === origin;
    expect(await missed(`http://${origin}/to-loopback`, { isAllowed })).toBe("host_not_allowed");
    expect(await missed(`http://${origin}/a.css`, { loopback: false })).toBe("address_not_public");
  });
});

describe("an asset is missed", () => {
  test.each([
    ["large", "too_large", false],
    ["bomb", "too_large", false],
    ["damaged", "body_damaged", true],
    ["zstd", "encoding_unknown", false],
    ["silent", "timeout", true],
    ["slow", "timeout", true],
    ["gone", "http_404", false],
    ["upgrade", "http_101", false],
    ["busy", "http_503", true],
  ])("%s: %s", async (path, why, passing) => {
    const bounds = { bytesMax: 1_000, ...(why === "timeout" && { timeoutMs: 50 }) };
    expect(await get(`http://${origin}/${path}`, bounds)).toEqual({ status: "missed", why, passing });
  });

  test("where the name is not there, or does not resolve in time", async () => {
    expect(await missed("http://a.example/", { resolve: async () => [] })).toBe("name_not_found");
    expect(await missed("http://a.example/", { resolve: () => new Promise(() => {}), timeoutMs: 20 })).toBe("timeout");
  });
});
