// Answer heads: understood or refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { responseLimits } from "../../../src/http1/limits.ts";
import { parseResponseHead } from "../../../src/http1/response-head.ts";

function parse(lines: readonly string[], method = "GET") {
  return parseResponseHead(lines.map((line) => `${line}\r\n`).join(""), method, responseLimits);
}

const accepted: readonly (readonly [string, readonly string[], string, Record<string, unknown>])[] = [
  ["a length", ["HTTP/1.1 200 OK", "Content-Length: 3"], "GET", { status: 200, length: 3, keepAlive: true }],
  ["chunks", ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked"], "GET", { length: -1, keepAlive: true }],
  ["an end by close", ["HTTP/1.1 200 OK"], "GET", { length: -2, keepAlive: false }],
  ["HEAD", ["HTTP/1.1 200 OK", "Content-Length: 3"], "HEAD", { length: 0, keepAlive: true }],
  ["204", ["HTTP/1.1 204 No Content"], "GET", { length: 0, keepAlive: true }],
  ["304", ["HTTP/1.1 304 Not Modified", "Content-Length: 9"], "GET", { length: 0 }],
  ["close", ["HTTP/1.1 200 OK", "Connection: close", "Content-Length: 0"], "GET", { keepAlive: false }],
  ["HTTP/1.0", ["HTTP/1.0 200 OK", "Content-Length: 0"], "GET", { keepAlive: false }],
  ["no reason", ["HTTP/1.1 299", "Content-Length: 0"], "GET", { status: 299, statusText: "" }],
];

for (const [name, lines, method, wanted] of accepted) {
  test(`parseResponseHead() understands ${name}`, () => {
    const parsed: Record<string, unknown> = { ...parse(lines, method) };
    for (const [key, value] of Object.entries(wanted)) assert.deepEqual(parsed[key], value, key);
  });
}

const refused: readonly (readonly string[])[] = [
  ["HTTP/1.1 20 OK"],
  ["HTTP/2 200 OK"],
  ["200 OK"],
  ["HTTP/1.1 200 OK", "Content-Length: 1", "Transfer-Encoding: chunked"],
  ["HTTP/1.1 200 OK", "Content-Length: 1", "Content-Length: 1"],
  ["HTTP/1.1 200 OK", "Content-Length: -1"],
  ["HTTP/1.1 200 OK", "X: a\rb"],
  ["HTTP/1.0 200 OK", "Transfer-Encoding: chunked"],
];

for (const lines of refused) {
  test(`parseResponseHead() refuses ${JSON.stringify(lines.join("|"))} with 502`, () => {
    assert.throws(() => parse(lines), { source: "upstream", status: 502 });
  });
}

test("parseResponseHead() keeps the length that HEAD is told", () => {
  assert.equal(parse(["HTTP/1.1 200 OK", "Content-Length: 3"], "HEAD").headers.get("content-length"), "3");
});
