// Cutting a byte stream into lines.

import assert from "node:assert/strict";
import { test } from "node:test";
import { KubeError } from "../../../../../src/provider/kubernetes/client/kube-error.ts";
import { LineSplitter } from "../../../../../src/provider/kubernetes/client/lines.ts";

test("LineSplitter gives the same lines wherever the chunks are cut", () => {
  const text = '{"a":"ü€😀"}\n\n{"b":1}\r\n{"c":2}';
  const bytes = new TextEncoder().encode(text);
  for (let first = 0; first <= bytes.length; first++) {
    for (const second of [first, Math.min(first + 1, bytes.length), bytes.length]) {
      const lines: string[] = [];
      const splitter = new LineSplitter((line) => lines.push(line.trim()));
      for (const [from, to] of [[0, first], [first, second], [second, bytes.length]]) {
        splitter.push(bytes.subarray(from, to));
      }
      assert.deepEqual(lines, ['{"a":"ü€😀"}', '{"b":1}']);
      assert.equal(splitter.rest, '{"c":2}');
    }
  }
});

test("LineSplitter refuses a line that never ends", () => {
  const splitter = new LineSplitter(() => {});
  const chunk = new Uint8Array(4 * 1024 * 1024).fill(97);
  assert.throws(() => {
    for (let index = 0; index < 5; index++) splitter.push(chunk);
  }, KubeError);
});
