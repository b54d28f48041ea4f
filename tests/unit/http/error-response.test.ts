// What a client sees of an error.

import assert from "node:assert/strict";
import { test } from "node:test";
import { errorResponse, statusResponse } from "../../../src/http/error-response.ts";
import { ProxyError } from "../../../src/net/error.ts";

const rows = [
  { status: 400, text: undefined },
  { status: 502, text: "Bad Gateway" },
  { status: 503, text: "Service Unavailable" },
  { status: 504, text: "Gateway Timeout" },
];

for (const { status, text } of rows) {
  test(`errorResponse() answers ${status} with ${text ?? "no body"} and no cause`, () => {
    const cause = new TypeError("secret");
    const response = errorResponse(new ProxyError("secret", { code: "x", source: "upstream", status, cause }));
    assert.equal(response.status, status);
    assert.equal(response.headers.size, 0);
    const whole = response.body?.takeWhole();
    assert.equal(whole === undefined ? undefined : new TextDecoder().decode(whole), text);
  });
}

test("statusResponse() makes a new answer each time", () => {
  assert.notEqual(statusResponse(502).body, statusResponse(502).body);
});
