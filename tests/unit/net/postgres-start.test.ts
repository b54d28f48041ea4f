// PostgreSQL start-up requests, told from everything else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readPostgresStart } from "../../../src/net/postgres-start.ts";

for (
  const [what, bytes, expected] of [
    ["an SSLRequest", [0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f], "tls"],
    ["a GSSENCRequest", [0, 0, 0, 8, 4, 0xd2, 0x16, 0x30], "gss"],
    ["an SSLRequest with more behind it", [0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f, 1], "tls"],
    ["nothing", [], "more"],
    ["seven bytes of a request", [0, 0, 0, 8, 4, 0xd2, 0x16], "more"],
    ["a CancelRequest", [0, 0, 0, 16, 4, 0xd2, 0x16, 0x2e], "none"],
    ["a StartupMessage", [0, 0, 0, 8, 0, 3, 0, 0], "none"],
    ["a ClientHello", [22, 3, 1], "none"],
  ] as const
) {
  test(`readPostgresStart() of ${what} is ${expected}`, () => {
    assert.equal(readPostgresStart(new Uint8Array(bytes)), expected);
  });
}
