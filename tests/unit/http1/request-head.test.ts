// Request heads: accepted, refused, and what is taken out of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { requestLimits } from "../../../src/http1/limits.ts";
import { parseRequestHead, type RequestPolicy } from "../../../src/http1/request-head.ts";
import { ProxyError } from "../../../src/net/error.ts";
import { encodedCharacterFilter } from "../../../src/http/path.ts";

const policy: RequestPolicy = { scheme: "http", limits: requestLimits, sanitizePath: true, encodedFilter: undefined };

function head(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\r\n`).join("");
}

const accepted: readonly (readonly [string, readonly string[], Record<string, unknown>])[] = [
  ["origin form", ["GET /a?b=c HTTP/1.1", "Host: a.test"], { method: "GET", path: "/a", search: "?b=c", length: 0 }],
  ["absolute form", ["GET http://a.test/p HTTP/1.1", "Host: a.test"], { authority: "a.test", path: "/p" }],
  ["absolute form without path", ["GET http://a.test HTTP/1.1", "Host: a.test"], { path: "/" }],
  ["asterisk form", ["OPTIONS * HTTP/1.1", "Host: a.test"], { path: "*" }],
  ["HTTP/1.0 without Host", ["GET / HTTP/1.0"], { authority: "", keepAlive: false, protocol: "HTTP/1.0" }],
  ["HTTP/1.0 keep-alive", ["GET / HTTP/1.0", "Connection: Keep-Alive"], { keepAlive: true }],
  ["close", ["GET / HTTP/1.1", "Host: a", "Connection: foo, Close"], { keepAlive: false }],
  ["length", ["POST / HTTP/1.1", "Host: a", "Content-Length: 5"], { length: 5, hasBody: true }],
  ["length 0", ["POST / HTTP/1.1", "Host: a", "Content-Length: 0"], { length: 0, hasBody: false }],
  ["chunked", ["POST / HTTP/1.1", "Host: a", "Transfer-Encoding: Chunked"], { length: -1, hasBody: true }],
  ["expect", ["POST / HTTP/1.1", "Host: a", "Expect: 100-Continue", "Content-Length: 1"], { expectContinue: true }],
  ["upgrade", ["GET / HTTP/1.1", "Host: a", "Connection: Upgrade", "Upgrade: WebSocket"], { upgrade: "websocket" }],
  ["upgrade not in Connection", ["GET / HTTP/1.1", "Host: a", "Upgrade: websocket"], { upgrade: undefined }],
  ["IPv6 host", ["GET / HTTP/1.1", "Host: [::1]:8080"], { authority: "[::1]:8080" }],
  ["dot segments", ["GET /a/%2e%2e/b HTTP/1.1", "Host: a"], { path: "/b", rawTarget: "/a/%2e%2e/b" }],
];

for (const [name, lines, wanted] of accepted) {
  test(`parseRequestHead() accepts ${name}`, () => {
    const parsed: Record<string, unknown> = { ...parseRequestHead(head(...lines), policy) };
    for (const [key, value] of Object.entries(wanted)) assert.deepEqual(parsed[key], value, key);
  });
}

const refused: readonly (readonly [string, readonly string[], number])[] = [
  ["a missing version", ["GET /"], 400],
  ["HTTP/2.0", ["GET / HTTP/2.0", "Host: a"], 505],
  ["lower-case http", ["GET / http/1.1", "Host: a"], 400],
  ["a bad method", ["G(T / HTTP/1.1", "Host: a"], 400],
  ["CONNECT", ["CONNECT a:1 HTTP/1.1", "Host: a"], 501],
  ["a fragment", ["GET /#a HTTP/1.1", "Host: a"], 400],
  ["a backslash", ["GET /a\\b HTTP/1.1", "Host: a"], 400],
  ["a broken encoding", ["GET /%zz HTTP/1.1", "Host: a"], 400],
  ["no Host", ["GET / HTTP/1.1"], 400],
  ["two Hosts", ["GET / HTTP/1.1", "Host: a", "Host: a"], 400],
  ["userinfo", ["GET http://u@a/ HTTP/1.1", "Host: a"], 400],
  ["a differing authority", ["GET http://b/ HTTP/1.1", "Host: a"], 400],
  ["https on plain text", ["GET https://a/ HTTP/1.1", "Host: a"], 400],
  ["a port beyond 65535", ["GET / HTTP/1.1", "Host: a:65536"], 400],
  ["CL and TE", ["POST / HTTP/1.1", "Host: a", "Content-Length: 1", "Transfer-Encoding: chunked"], 400],
  ["two equal lengths", ["POST / HTTP/1.1", "Host: a", "Content-Length: 1", "Content-Length: 1"], 400],
  ["gzip coding", ["POST / HTTP/1.1", "Host: a", "Transfer-Encoding: gzip, chunked"], 501],
  ["an unknown coding", ["POST / HTTP/1.1", "Host: a", "Transfer-Encoding: xchunked"], 400],
  ["TE in HTTP/1.0", ["POST / HTTP/1.0", "Transfer-Encoding: chunked"], 400],
  ["an unknown expectation", ["POST / HTTP/1.1", "Host: a", "Expect: tea"], 417],
  ["a space before the colon", ["GET / HTTP/1.1", "Host: a", "X : 1"], 400],
  ["folding", ["GET / HTTP/1.1", "Host: a", "X: 1", " 2"], 400],
  ["NUL in a value", ["GET / HTTP/1.1", "Host: a", "X: \0"], 400],
  ["101 headers", ["GET / HTTP/1.1", "Host: a", ...Array.from({ length: 100 }, (_, index) => `X-${index}: 1`)], 431],
  ["a long line", ["GET / HTTP/1.1", "Host: a", `X: ${"a".repeat(17_000)}`], 431],
  ["a long target", [`GET /${"a".repeat(17_000)} HTTP/1.1`, "Host: a"], 414],
];

for (const [name, lines, status] of refused) {
  test(`parseRequestHead() refuses ${name} with ${status}`, () => {
    const isRefusal = (error: unknown): boolean => error instanceof ProxyError && error.status === status;
    assert.throws(() => parseRequestHead(head(...lines), policy), isRefusal);
  });
}

test("parseRequestHead() takes hop-by-hop and framing headers out, and keeps order, case and duplicates", () => {
  const text = head(
    ...["POST / HTTP/1.1", "HOST: a", "x-b: 1", "Connection: close, X-Gone, X-Real-Ip", "X-Gone: 1", "TE: trailers"],
    ...["Content-Length: 2", "X-B: 2", "X-Real-Ip: 9.9.9.9", "Keep-Alive: 5", "Cookie: a", "Cookie: b"],
  );
  const { headers, teTrailers } = parseRequestHead(text, policy);
  assert.deepEqual([...headers], [
    ...[["HOST", "a"], ["x-b", "1"], ["X-B", "2"], ["X-Real-Ip", "9.9.9.9"], ["Cookie", "a"], ["Cookie", "b"]],
  ]);
  assert.equal(teTrailers, true);
});

test("parseRequestHead() refuses filtered encodings", () => {
  const encodedFilter = encodedCharacterFilter({
    ...{ allowEncodedSlash: false, allowEncodedBackSlash: true, allowEncodedNullCharacter: false },
    ...{
      allowEncodedSemicolon: true,
      allowEncodedPercent: true,
      allowEncodedQuestionMark: true,
      allowEncodedHash: true,
    },
  });
  const parse = (path: string) =>
    parseRequestHead(head(`GET ${path} HTTP/1.1`, "Host: a"), { ...policy, encodedFilter });
  assert.throws(() => parse("/a%2Fb"), { status: 400 });
  assert.throws(() => parse("/a%00"), { status: 400 });
  assert.equal(parse("/a%5cb").path, "/a%5Cb");
});
