// Traefik 1's shares in percent as whole weights.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Share, weightsOf } from "../../../../../src/provider/kubernetes/ingress/weights.ts";

const rest = (servers: number): Share => ({ wanted: undefined, servers });
const share = (wanted: number): Share => ({ wanted, servers: 1 });

const cases: readonly (readonly [why: string, shares: readonly Share[], expected: readonly number[]])[] = [
  ["halves", [share(0.5), share(0.5)], [1, 1]],
  ["thirds of a percent", [share(0.333), share(0.667)], [333, 667]],
  ["the rest to one", [share(0.2), rest(1)], [1, 4]],
  ["the rest by servers", [share(0.2), rest(1), rest(3)], [1, 1, 3]],
  ["all by servers", [rest(1), rest(2)], [33333, 66667]],
  ["nothing to Services without servers", [share(1), rest(0)], [1, 0]],
];

for (const [why, shares, expected] of cases) {
  test(`weightsOf() gives ${why}`, () => assert.deepEqual(weightsOf(shares), expected));
}

const refused: readonly (readonly [shares: readonly Share[], message: RegExp])[] = [
  [[share(0.7), share(0.5)], /120%.*more than 100%/],
  [[share(0.7), share(0.2)], /90%.*no Service is left/],
];

for (const [shares, message] of refused) {
  test(`weightsOf() refuses ${shares.map(({ wanted }) => wanted).join(" and ")}`, () => {
    const found = weightsOf(shares);
    assert.ok("message" in found);
    assert.match(found.message, message);
  });
}
