// Which content coding a client gets.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createCodingChooser } from "../../../src/middleware/content-coding.ts";
import type { CodingChoice } from "../../../src/middleware/content-coding.ts";

const plain: CodingChoice = { codings: ["gzip", "br", "zstd"], byDefault: undefined };
const brotli: CodingChoice = { codings: ["gzip", "br", "zstd"], byDefault: "br" };

const rows: readonly (readonly [accept: string | undefined, choice: CodingChoice, wanted: string | undefined])[] = [
  [undefined, plain, undefined],
  [undefined, brotli, "br"],
  ["", plain, undefined],
  ["", brotli, undefined],
  ["gzip", plain, "gzip"],
  ["X-GZIP", plain, "gzip"],
  ["deflate", plain, undefined],
  ["gzip, deflate, br, zstd", plain, "gzip"],
  ["gzip, deflate, br, zstd", brotli, "gzip"],
  ["gzip, deflate, br, zstd", { codings: ["zstd", "br"], byDefault: undefined }, "zstd"],
  ["gzip;q=0.5, br;q=0.8", plain, "br"],
  ["gzip;q=0.5,br ; Q=0.8", plain, "br"],
  ["gzip;q=0, br", plain, "br"],
  ["gzip;q=0", plain, undefined],
  ["gzip;q=nonsense", plain, undefined],
  ["gzip;q=1.5", plain, undefined],
  ["*", plain, "gzip"],
  ["*", brotli, "br"],
  ["*;q=0", plain, undefined],
  ["gzip;q=0, *", plain, "br"],
  ["br;q=0, *", brotli, "gzip"],
  ["gzip;q=0.2, *;q=0.9", plain, "br"],
  ["gzip, *;q=0.5", brotli, "gzip"],
  ["identity, gzip;q=0.5", plain, undefined],
  ["identity;q=0.5, gzip", plain, "gzip"],
  ["identity;q=0, gzip;q=0.1", plain, "gzip"],
];

for (const [accept, choice, wanted] of rows) {
  test(`createCodingChooser() gives ${wanted} for ${accept}, default ${choice.byDefault}`, () => {
    const choose = createCodingChooser(choice);
    assert.equal(choose(accept), wanted);
    assert.equal(choose(accept), wanted); // the remembered answer
  });
}
