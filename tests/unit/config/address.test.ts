// Entry point addresses: every form Traefik takes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatEntryPointAddress, parseEntryPointAddress } from "../../../src/config/address.ts";

const cases: readonly [text: string, address: readonly [host: string, port: number, protocol: string] | undefined][] = [
  [":80", ["", 80, "tcp"]],
  [":0", ["", 0, "tcp"]],
  [":27017/tcp", ["", 27017, "tcp"]],
  ["127.0.0.1:53/udp", ["127.0.0.1", 53, "udp"]],
  ["[::1]:80", ["::1", 80, "tcp"]],
  ["[fe80::1%eth0]:80/UDP", ["fe80::1%eth0", 80, "udp"]],
  ["localhost:8080", ["localhost", 8080, "tcp"]],
  ["80", undefined],
  [":", undefined],
  [":65536", undefined],
  [":-1", undefined],
  [":80/sctp", undefined],
  ["::1:80", undefined],
  ["[localhost]:80", undefined],
  ["http://x:80", undefined],
  ["", undefined],
];

for (const [text, address] of cases) {
  test(`parseEntryPointAddress() reads ${JSON.stringify(text)} as ${JSON.stringify(address)}`, () => {
    const parsed = parseEntryPointAddress(text);
    assert.deepEqual(parsed && [parsed.host, parsed.port, parsed.protocol], address);
  });
}

for (const text of [":80", "127.0.0.1:53/udp", "[::1]:80"]) {
  test(`formatEntryPointAddress() prints ${text} back`, () => {
    const parsed = parseEntryPointAddress(text);
    assert.ok(parsed !== undefined);
    assert.equal(formatEntryPointAddress(parsed), text);
  });
}
