// PROXY protocol headers, read strictly and written; addresses as text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, toLatin1 } from "../../../src/net/bytes.ts";
import { bytesToIp, canonicalIp } from "../../../src/net/ip-text.ts";
import { type ProxyAddresses, readProxyHeader, writeProxyHeader } from "../../../src/net/proxy-protocol.ts";

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const V4 = [192, 0, 2, 1, 198, 51, 100, 2, 0x04, 0xd2, 0x01, 0xbb];
const ADDRESSES: ProxyAddresses = {
  source: { ip: "192.0.2.1", port: 1234 },
  destination: { ip: "198.51.100.2", port: 443 },
};
const ADDRESSES6: ProxyAddresses = {
  source: { ip: "2001:db8::1", port: 1234 },
  destination: { ip: "2001:db8::2", port: 443 },
};

const v2 = (command: number, family: number, rest: readonly number[]) =>
  new Uint8Array([...SIGNATURE, command, family, rest.length >> 8, rest.length & 0xff, ...rest]);

for (const version of [1, 2] as const) {
  for (const addresses of [ADDRESSES, ADDRESSES6]) {
    test(`readProxyHeader() reads what writeProxyHeader() wrote, version ${version}, ${addresses.source.ip}`, () => {
      const header = writeProxyHeader(version, addresses);
      for (let length = 0; length < header.length; length++) {
        assert.equal(readProxyHeader(header.subarray(0, length)).kind, "more", `${length} bytes`);
      }
      const bytes = new Uint8Array([...header, 1, 2, 3]);
      assert.deepEqual(readProxyHeader(bytes), {
        kind: "header",
        header: { version, length: header.length, addresses },
      });
    });
  }
}

test("writeProxyHeader() writes version 1 as the specification shows it", () => {
  assert.equal(toLatin1(writeProxyHeader(1, ADDRESSES)), "PROXY TCP4 192.0.2.1 198.51.100.2 1234 443\r\n");
  const mixed = { source: ADDRESSES.source, destination: ADDRESSES6.destination };
  assert.equal(toLatin1(writeProxyHeader(1, mixed)), "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::2 1234 443\r\n");
  assert.deepEqual([...writeProxyHeader(2, ADDRESSES)], [...SIGNATURE, 0x21, 0x11, 0, 12, ...V4]);
});

test("writeProxyHeader() of an address that is none says that it is unknown", () => {
  const unknown = { source: { ip: "", port: 0 }, destination: ADDRESSES.destination };
  assert.equal(toLatin1(writeProxyHeader(1, unknown)), "PROXY UNKNOWN\r\n");
  assert.deepEqual([...writeProxyHeader(2, unknown)], [...SIGNATURE, 0x21, 0, 0, 0]);
});

const TLV = [0x04, 0, 3, 9, 9, 9];
for (
  const [what, bytes, addresses] of [
    ["TLVs behind the addresses", v2(0x21, 0x11, [...V4, ...TLV]), ADDRESSES],
    ["LOCAL, whatever it brings", v2(0x20, 0x11, [...V4, 1, 2]), undefined],
    ["LOCAL of no family", v2(0x20, 0, []), undefined],
    ["an unspecified family", v2(0x21, 0, [1, 2, 3]), undefined],
    ["a Unix socket", v2(0x21, 0x31, new Array<number>(216).fill(0)), undefined],
    ["UNKNOWN", fromLatin1("PROXY UNKNOWN\r\n"), undefined],
    ["UNKNOWN with anything behind it", fromLatin1("PROXY UNKNOWN ffff:: 1 2\r\n"), undefined],
  ] as const
) {
  test(`readProxyHeader() takes ${what}`, () => {
    const result = readProxyHeader(bytes);
    assert.equal(result.kind, "header", JSON.stringify(result));
    if (result.kind === "header") {
      assert.deepEqual([result.header.addresses, result.header.length], [addresses, bytes.length]);
    }
  });
}

for (
  const [what, bytes] of [
    ["version 3", v2(0x31, 0x11, V4)],
    ["an unknown command", v2(0x22, 0x11, V4)],
    ["a datagram's header", v2(0x21, 0x12, V4)],
    ["too few address bytes", v2(0x21, 0x11, V4.slice(1))],
    ["a TLV that runs over", v2(0x21, 0x11, [...V4, 4, 0, 9, 1])],
    ["half a TLV", v2(0x21, 0x11, [...V4, 4])],
    ["a length beyond the limit", v2(0x21, 0x11, new Array<number>(5000).fill(0))],
    ["a line without end", fromLatin1("PROXY TCP4 ".padEnd(107, "1"))],
    ["a bare LF", fromLatin1("PROXY TCP4 1.1.1.1 2.2.2.2 1 2\n")],
    ["an unknown family", fromLatin1("PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n")],
    ["a missing port", fromLatin1("PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n")],
    ["a port of 65536", fromLatin1("PROXY TCP4 1.1.1.1 2.2.2.2 1 65536\r\n")],
    ["a port with a leading zero", fromLatin1("PROXY TCP4 1.1.1.1 2.2.2.2 01 2\r\n")],
    ["two spaces", fromLatin1("PROXY TCP4  1.1.1.1 2.2.2.2 1 2\r\n")],
    ["IPv6 in TCP4", fromLatin1("PROXY TCP4 ::1 ::2 1 2\r\n")],
    ["IPv4 in TCP6", fromLatin1("PROXY TCP6 1.1.1.1 2.2.2.2 1 2\r\n")],
    ["an address that is none", fromLatin1("PROXY TCP4 1.1.1.256 2.2.2.2 1 2\r\n")],
    ["a zone", fromLatin1("PROXY TCP6 fe80::1%eth0 ::2 1 2\r\n")],
  ] as const
) {
  test(`readProxyHeader() refuses ${what}`, () => {
    const result = readProxyHeader(bytes);
    assert.equal(result.kind, "refused", JSON.stringify(result));
    if (result.kind === "refused") assert.match(result.reason, /^malformed PROXY protocol header: ./);
  });
}

for (const text of ["GET / HTTP/1.1\r\n", "PROXYX", "PRI * HTTP/2.0\r\n", "\r\n\r\nGET", "\x16\x03\x01"]) {
  test(`readProxyHeader() finds none in ${JSON.stringify(text)}`, () => {
    assert.equal(readProxyHeader(fromLatin1(text)).kind, "none");
  });
}

for (
  const [text, expected] of [
    ["::", "::"],
    ["0:0:1:0:0:0:0:1", "0:0:1::1"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["no address", undefined],
  ] as const
) {
  test(`canonicalIp() of ${text} is ${expected}`, () => assert.equal(canonicalIp(text), expected));
}

test("bytesToIp() reads four and sixteen bytes", () => {
  assert.equal(bytesToIp(new Uint8Array([10, 0, 0, 1])), "10.0.0.1");
  assert.equal(bytesToIp(new Uint8Array(16).fill(1, 15)), "::1");
});
