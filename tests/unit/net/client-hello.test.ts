// ClientHello: read in any pieces, refused when malformed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1 } from "../../../src/net/bytes.ts";
import { acceptsKey, type ClientHello, ClientHelloReader, type HelloResult } from "../../../src/net/client-hello.ts";

type Extension = readonly [type: number, body: readonly number[]];

const u16 = (value: number) => [value >> 8, value & 0xff];
const bytesOf = (text: string) => [...fromLatin1(text)];
const list16 = (body: readonly number[]) => [...u16(body.length), ...body];
const serverName = (name: string): Extension => [0, list16([0, ...list16(bytesOf(name))])];
const alpn = (...names: string[]): Extension => [16, list16(names.flatMap((name) => [name.length, ...bytesOf(name)]))];
const versions = (...values: number[]): Extension => [43, [values.length * 2, ...values.flatMap(u16)]];
const signatures = (...values: number[]): Extension => [13, list16(values.flatMap(u16))];

interface Parts {
  readonly extensions?: readonly Extension[] | undefined;
  readonly ciphers?: readonly number[];
  readonly tail?: readonly number[];
}

/** A ClientHello message, without records. */
function message({ extensions = [], ciphers = [0x1301, 0xc02b], tail = [] }: Parts): number[] {
  const list = extensions.flatMap(([type, body]) => [...u16(type), ...list16(body)]);
  const body = [
    3,
    3,
    ...new Array<number>(32).fill(7),
    0,
    ...list16(ciphers.flatMap(u16)),
    1,
    0,
    ...list16(list),
    ...tail,
  ];
  return [1, 0, ...u16(body.length), ...body];
}

function records(bytes: readonly number[], size = 16384): Uint8Array {
  const all: number[] = [];
  for (let at = 0; at < bytes.length; at += size) all.push(22, 3, 1, ...list16(bytes.slice(at, at + size)));
  return new Uint8Array(all);
}

function read(bytes: Uint8Array): HelloResult {
  return new ClientHelloReader().read(bytes);
}

function helloOf(parts: Parts): ClientHello {
  const result = read(records(message(parts)));
  assert.equal(result.kind, "hello", JSON.stringify(result));
  return result.kind === "hello" ? result.hello : assert.fail();
}

const USUAL: Parts = {
  ciphers: [0x0a0a, 0x1301, 0xc02b],
  extensions: [
    [0x2a2a, []],
    serverName("A.Example.Test."),
    alpn("\x0a\x0a", "h2", "http/1.1"),
    versions(0xbaba, 0x0304, 0x0303),
    signatures(0x0403, 0x0804),
    [10, list16([0x1a1a, 29, 23].flatMap(u16))],
  ],
};

test("ClientHelloReader reads names, protocols, versions, suites, signatures and groups, without GREASE", () => {
  assert.deepEqual(helloOf(USUAL), {
    serverName: "a.example.test",
    alpn: ["h2", "http/1.1"],
    versions: [0x0304, 0x0303],
    ciphers: [0x1301, 0xc02b],
    signatures: [0x0403, 0x0804],
    groups: [29, 23],
    isAcme: false,
  });
});

test("ClientHelloReader reads a hello without extensions as TLS 1.2 without a name", () => {
  const { serverName: name, versions: all, alpn: none } = helloOf({});
  assert.deepEqual([name, all, none], ["", [0x0303], []]);
});

test("ClientHelloReader tells an ACME challenge", () => {
  assert.equal(helloOf({ extensions: [alpn("acme-tls/1")] }).isAcme, true);
});

for (const size of [1, 2, 5, 100, 16384]) {
  test(`ClientHelloReader reads records of ${size} bytes, given one byte at a time`, () => {
    const bytes = records(message(USUAL), size);
    const reader = new ClientHelloReader();
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(reader.read(bytes.subarray(0, length)).kind, "more", `after ${length} bytes`);
    }
    assert.equal(reader.read(bytes).kind, "hello");
  });
}

test("ClientHelloReader ignores what follows the hello's last record", () => {
  const bytes = records(message(USUAL));
  const more = new Uint8Array(bytes.length + 10);
  more.set(bytes);
  assert.equal(read(more).kind, "hello");
});

test("ClientHelloReader takes 60 KiB, and refuses what would be more than 64", () => {
  const padded = (size: number) =>
    records(message({ extensions: [serverName("a.test"), [21, new Array<number>(size).fill(0)]] }));
  assert.equal(read(padded(60_000)).kind, "hello");
  assert.equal(read(new Uint8Array([22, 3, 1, 0, 4, 1, 1, 0, 0])).kind, "refused");
});

for (
  const text of [
    "GET / HTTP/1.1\r\n",
    "\x16\x02\x01\0\x05",
    "\x80\x2e\x01\x03",
    "SSH-2.0-x",
    "\0\0\0\x08\x04\xd2\x16\x2f",
  ]
) {
  test(`ClientHelloReader says that ${JSON.stringify(text)} is no TLS`, () => {
    assert.equal(read(fromLatin1(text)).kind, "not-tls");
  });
}

const REFUSED: readonly [string, Uint8Array][] = [
  ["a record of no bytes", new Uint8Array([22, 3, 1, 0, 0])],
  ["a record that is too long", new Uint8Array([22, 3, 1, 0x40, 0x01])],
  ["another message than a ClientHello", new Uint8Array([22, 3, 1, 0, 4, 2])],
  ["another record in the middle", new Uint8Array([...records(message(USUAL), 20).subarray(0, 25), 23, 3, 3, 0, 1, 0])],
  ["something behind it in its record", records([...message(USUAL), 0])],
  ["something behind its extensions", records(message({ tail: [0] }))],
  ["no cipher suite", records(message({ ciphers: [] }))],
  ["an extension twice", records(message({ extensions: [serverName("a.test"), serverName("b.test")] }))],
  ["an extension that runs over", records(message({ extensions: [[0, [0, 9, 0]]] }))],
  ["an empty server name", records(message({ extensions: [serverName("")] }))],
  ["a server name with a NUL", records(message({ extensions: [serverName("a\0.test")] }))],
  ["a server name with a slash", records(message({ extensions: [serverName("a/b")] }))],
  ["a server name beyond ASCII", records(message({ extensions: [serverName("\xe4.test")] }))],
  ["a server name with an empty label", records(message({ extensions: [serverName("a..test")] }))],
  ["a server name of 300 characters", records(message({ extensions: [serverName("a.".repeat(150) + "test")] }))],
  ["two server names", records(message({ extensions: [[0, list16([0, 0, 1, 97, 0, 0, 1, 98])]] }))],
  ["an empty ALPN list", records(message({ extensions: [[16, [0, 0]]] }))],
  ["an ALPN protocol without a name", records(message({ extensions: [[16, [0, 1, 0]]] }))],
];

for (const [what, bytes] of REFUSED) {
  test(`ClientHelloReader refuses ${what}`, () => {
    const result = read(bytes);
    assert.equal(result.kind, "refused");
    assert.match(result.kind === "refused" ? result.reason : "", /^malformed TLS ClientHello: ./);
  });
}

test("ClientHelloReader never throws on a hello with any one byte changed or cut anywhere", () => {
  const whole = records(message(USUAL));
  for (let at = 0; at < whole.length; at++) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const changed = whole.slice();
      changed[at] = value;
      read(changed);
    }
    assert.equal(read(whole.subarray(0, at)).kind, "more");
  }
});

for (
  const [kind, hello, expected] of [
    ["ec", { versions: [0x0304], signatures: [0x0403], ciphers: [0x1301] }, true],
    ["rsa", { versions: [0x0304], signatures: [0x0403], ciphers: [0x1301] }, false],
    ["rsa", { versions: [0x0304], signatures: [0x0804], ciphers: [0x1301] }, true],
    ["ec", { versions: [0x0303], signatures: [0x0403], ciphers: [0xc02f] }, false],
    ["rsa", { versions: [0x0303], signatures: [0x0401], ciphers: [0xc02f] }, true],
    ["rsa", { versions: [0x0303], signatures: [0x0401], ciphers: [0xc02b] }, false],
    ["ed25519", { versions: [0x0304], signatures: [0x0807], ciphers: [0x1301] }, true],
    ["rsa", { versions: [0x0301], signatures: [], ciphers: [0xc013] }, true],
    ["ec", { versions: [0x0301], signatures: [], ciphers: [0xc013] }, false],
  ] as const
) {
  test(`acceptsKey() is ${expected} for ${kind} and ${JSON.stringify(hello)}`, () => {
    assert.equal(acceptsKey({ ...helloOf({}), ...hello }, kind), expected);
  });
}
