// HPACK: the examples of RFC 7541, what must be refused, and that both sides agree.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Field } from "../../../src/http2/field.ts";
import { HpackDecoder } from "../../../src/http2/hpack-decoder.ts";
import { HpackEncoder } from "../../../src/http2/hpack-encoder.ts";
import { decodeHuffman, encodeHuffman, huffmanLength } from "../../../src/http2/huffman.ts";
import { Output } from "../../../src/http2/output.ts";
import { ConnectionFault } from "../../../src/http2/fault.ts";
import { errorCode } from "../../../src/http2/protocol.ts";

function decodeWith(decoder: HpackDecoder, block: Uint8Array): string[] {
  const fields: string[] = [];
  decoder.decode(block, 0, block.length, {
    add: (field: Field) => {
      fields.push(`${field.name}: ${field.value}`);
    },
  });
  return fields;
}

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
}

/** Blocks of one connection and what they say: RFC 7541 Appendix C. */
const examples: readonly (readonly [string, readonly (readonly [string, readonly string[]])[]])[] = [
  ["C.2 literals", [
    ["400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572", ["custom-key: custom-header"]],
    ["040c 2f73 616d 706c 652f 7061 7468", [":path: /sample/path"]],
    ["1008 7061 7373 776f 7264 0673 6563 7265 74", ["password: secret"]],
    ["82", [":method: GET"]],
  ]],
  ["C.3 requests without Huffman", [
    ["8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", [
      ...[":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"],
    ]],
    ["8286 84be 5808 6e6f 2d63 6163 6865", [
      ...[":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com", "cache-control: no-cache"],
    ]],
    ["8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65", [
      ...[":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com"],
      "custom-key: custom-value",
    ]],
  ]],
  ["C.4 requests with Huffman", [
    ["8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", [
      ...[":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"],
    ]],
    ["8286 84be 5886 a8eb 1064 9cbf", [
      ...[":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com", "cache-control: no-cache"],
    ]],
    ["8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf", [
      ...[":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com"],
      "custom-key: custom-value",
    ]],
  ]],
];

for (const [name, blocks] of examples) {
  test(`HpackDecoder decodes ${name}`, () => {
    const decoder = new HpackDecoder("server");
    for (const [block, fields] of blocks) assert.deepEqual(decodeWith(decoder, hex(block)), fields);
  });
}

const broken: readonly (readonly [string, string])[] = [
  ["index 0", "80"],
  ["an index beyond the tables", "be"],
  ["a name's index beyond the tables", "7e 01 61"],
  ["a cut integer", "ff"],
  ["an endless integer", "ff ff ff ff ff ff ff ff ff ff ff 7f"],
  ["a text longer than its block", "00 01 61 05 61"],
  ["a missing value", "00 01 61"],
  ["padding longer than seven bits", "00 01 61 82 1f ff"],
  ["padding with zeros", "00 01 61 81 18"],
  ["the end mark in a text", "00 01 61 84 ff ff ff ff"],
  ["a table size beyond the setting", "3f e2 1f 82"],
  ["a table size update behind a field", "82 20"],
];

for (const [name, block] of broken) {
  test(`HpackDecoder refuses ${name}`, () => {
    assert.throws(
      () => decodeWith(new HpackDecoder("server"), hex(block)),
      (error) => error instanceof ConnectionFault && error.reason === errorCode.compression,
    );
  });
}

test("HpackDecoder forgets entries when the table shrinks", () => {
  const decoder = new HpackDecoder("server");
  assert.deepEqual(decodeWith(decoder, hex("40 01 61 01 62")), ["a: b"]);
  assert.deepEqual(decodeWith(decoder, hex("be")), ["a: b"]);
  assert.throws(() => decodeWith(decoder, hex("20 be")), ConnectionFault);
});

test("HpackDecoder keeps to the table's size over many insertions", () => {
  const decoder = new HpackDecoder("server");
  for (let turn = 0; turn < 1000; turn++) decodeWith(decoder, Buffer.from(`\x40\x01a\x04${1000 + turn}`, "latin1"));
  assert.deepEqual(decodeWith(decoder, hex("be")), ["a: 1999"]);
  const entries = Math.floor(4096 / (1 + 4 + 32));
  assert.deepEqual(decodeWith(decoder, Uint8Array.of(0x80 | 127, 61 + entries - 127)), [`a: ${2000 - entries}`]);
  assert.throws(() => decodeWith(decoder, Uint8Array.of(0x80 | 127, 61 + entries + 1 - 127)), ConnectionFault);
});

const octets = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });

test("decodeHuffman() undoes encodeHuffman()", () => {
  fc.assert(fc.property(octets, (text) => {
    const bytes = new Uint8Array(text.length * 4 + 8);
    const end = encodeHuffman(text, bytes, 0);
    assert.equal(end, huffmanLength(text));
    assert.equal(decodeHuffman(bytes, 0, end), text);
  }));
});

const names = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/).filter((name) =>
  !/^(?:connection|host|keep-alive|proxy-connection|transfer-encoding|upgrade)$/i.test(name)
);
const values = fc.stringMatching(/^(?:[!-~](?:[ -~]{0,200}[!-~])?)?$/);
const usual = fc.constantFrom(["Content-Type", "text/html"], ["Server", "x"], ["Set-Cookie", "a=b"], ["Etag", "1"]);
const lists = fc.array(fc.array(fc.oneof(fc.tuple(names, values), usual), { maxLength: 12 }), { maxLength: 30 });

test("HpackDecoder undoes HpackEncoder over many blocks", () => {
  fc.assert(
    fc.property(lists, fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 30 }), (blocks, sizes) => {
      const encoder = new HpackEncoder();
      const decoder = new HpackDecoder("client");
      for (const [turn, fields] of blocks.entries()) {
        const size = sizes[turn];
        if (size !== undefined) encoder.resize(size);
        for (let again = 0; again < 3; again++) { // the third time, remembered bytes are used
          const out = new Output();
          encoder.begin(out);
          encoder.lines(out, fields.map(([name, value]) => `${name}: ${value}\r\n`).join(""));
          const wanted = fields.map(([name = "", value]) => `${name.toLowerCase()}: ${value}`);
          assert.deepEqual(decodeWith(decoder, out.take()), wanted);
        }
      }
    }),
    { numRuns: 60 },
  );
});

function encoded(encoder: HpackEncoder, line: string): string {
  const out = new Output();
  encoder.lines(out, `${line}\r\n`);
  return Buffer.from(out.take()).toString("hex");
}

test("HpackEncoder makes one byte of what repeats, and nothing of what HTTP/2 has not", () => {
  const encoder = new HpackEncoder();
  assert.ok(encoded(encoder, "Content-Type: text/html").length > 2);
  assert.equal(encoded(encoder, "Content-Type: text/html"), "be");
  for (const line of ["Connection: close", "Host: a", "Transfer-Encoding: chunked", "Upgrade: x", "Keep-Alive: 1"]) {
    assert.equal(encoded(encoder, line), "", line);
  }
});

test("HpackEncoder never indexes secrets", () => {
  const encoder = new HpackEncoder();
  for (const name of ["Authorization", "Cookie", "Set-Cookie", "Proxy-Authorization"]) {
    const first = encoded(encoder, `${name}: secret`);
    assert.equal(first.slice(0, 1), "1", name);
    assert.equal(encoded(encoder, `${name}: secret`), first, name);
  }
});

/** What a connection's first block begins with. */
function firstBytes(encoder: HpackEncoder): string {
  const out = new Output();
  encoder.begin(out);
  return Buffer.from(out.take()).toString("hex");
}

test("HpackEncoder uses the smaller of its own table and the peer's, and tells each change once", () => {
  const rows: readonly (readonly [most: number, peer: readonly number[], told: string])[] = [
    [4096, [], ""],
    [4096, [4096], ""],
    [4096, [65_536], ""],
    [4096, [0], "20"],
    [4096, [100, 4096], "3f45" + "3fe11f"], // the smallest, then the last: RFC 7541 §4.2
    [1024, [], "3fe107"],
    [1024, [65_536], "3fe107"],
    [1024, [100], "3f45"],
    [0, [4096], "20"],
    [16_384, [], ""],
    [16_384, [16_384], "3fe17f"],
    [16_384, [8192], "3fe13f"],
  ];
  for (const [most, sizes, told] of rows) {
    const encoder = new HpackEncoder(most);
    for (const size of sizes) encoder.resize(size);
    assert.equal(firstBytes(encoder), told, `${most} ${sizes.join()}`);
    assert.equal(firstBytes(encoder), "", "told already");
  }
});

test("HpackDecoder allows what the setting says, and of a smaller one the usual until the peer knows of it", () => {
  const is = (decoder: HpackDecoder, block: string) => decodeWith(decoder, hex(block)).length === 1;
  const refuses = (decoder: HpackDecoder, block: string) =>
    assert.throws(
      () => decodeWith(decoder, hex(block)),
      (error) => error instanceof ConnectionFault && error.reason === errorCode.compression,
    );
  const large = new HpackDecoder("server", 16_384);
  assert.ok(is(large, "3fe17f 82"));
  refuses(large, "3fe27f 82");
  const small = new HpackDecoder("server", 1024);
  assert.ok(is(small, "82"));
  assert.ok(is(small, "3fe11f 82"));
  const { generation } = small;
  small.acknowledged();
  assert.notEqual(small.generation, generation, "no block that was seen before stands for itself");
  refuses(small, "82");
  refuses(small, "3fe207 82");
  assert.ok(is(small, "3fe107 82"));
  assert.ok(is(small, "82"));
  const none = new HpackDecoder("server", 0);
  none.acknowledged();
  assert.ok(is(none, "20 82"));
  assert.ok(is(none, "40 01 61 01 62"));
  refuses(none, "be");
});

test("HpackDecoder undoes HpackEncoder with a large table and with a small one", () => {
  for (const size of [0, 64, 1024, 65_536]) {
    const encoder = new HpackEncoder(size);
    const decoder = new HpackDecoder("client", size);
    decoder.acknowledged();
    encoder.resize(size);
    for (let turn = 0; turn < 2000; turn++) {
      const out = new Output();
      encoder.begin(out);
      encoder.lines(out, `X-${turn % 700}: ${turn % 700}\r\nContent-Type: text/html\r\n`);
      assert.deepEqual(decodeWith(decoder, out.take()), [`x-${turn % 700}: ${turn % 700}`, "content-type: text/html"]);
    }
  }
});
