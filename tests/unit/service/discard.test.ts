// Answers nobody wants: short ones are read, the others cut off, and so are those that never end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BytesBody } from "../../../src/http/body.ts";
import { ProxyError } from "../../../src/net/error.ts";
import { discard, DISCARD_MS } from "../../../src/service/discard.ts";
import { answer, Bench, FakeClock, FedBody, healthCheck, loadBalancer } from "./fakes.ts";

const broken = new ProxyError("broken", { code: "broken", source: "upstream", status: 502 });
const LIMIT = 65_536;

/** Discards an answer that is fed by hand; says what was told of it. */
function begin(length?: number): { fed: FedBody; clock: FakeClock; told: (string | undefined)[] } {
  const [fed, clock, told]: [FedBody, FakeClock, (string | undefined)[]] = [new FedBody(length), new FakeClock(), []];
  discard(answer(200, [], fed.body), clock, (error) => told.push(error?.code));
  return { fed, clock, told };
}

const ends:
  readonly (readonly [name: string, feed: (fed: FedBody) => void, told: string | undefined, calls: string[]])[] = [
    ["ends", ({ body }) => body.finish(), undefined, ["resume"]],
    ["breaks off", ({ body }) => body.fail(broken), "broken", ["resume"]],
    ["turns out to be long", (fed) => fed.push("x".repeat(LIMIT + 1)), undefined, ["resume", "cancel"]],
  ];

for (const [name, feed, code, calls] of ends) {
  test(`discard() is through with a body that ${name}, and needs its timer no more`, () => {
    const { fed, clock, told } = begin();
    fed.push("a");
    assert.deepEqual([told, clock.pending], [[], 1]);
    feed(fed);
    assert.deepEqual([told, fed.calls.slice(0, 2), clock.pending], [[code], calls, 0]);
  });
}

test("discard() cuts a long body at once, and needs no timer for one that is here", () => {
  const { fed, clock, told } = begin(LIMIT + 1);
  assert.deepEqual([fed.calls, told, clock.pending], [["cancel"], [undefined], 0]);
  discard(answer(200, [], new BytesBody(new Uint8Array(9))), clock, (error) => told.push(error?.code));
  discard(answer(204), clock, (error) => told.push(error?.code));
  assert.deepEqual([told, clock.pending], [[undefined, undefined, undefined], 0]);
});

test("discard() cuts a body that does not come to its end", async () => {
  const { fed, clock, told } = begin();
  fed.push("a");
  await clock.advance(DISCARD_MS - 1);
  assert.deepEqual(told, []);
  await clock.advance(1);
  assert.deepEqual([fed.calls, told], [["resume", "cancel"], [undefined]]);
});

test("ActiveCheck leaves no answer behind that goes on for ever", async () => {
  const bodies: FedBody[] = [];
  const bench = new Bench(() => {
    const fed = new FedBody();
    bodies.push(fed);
    return answer(200, [], fed.body);
  });
  bench.build({ app: loadBalancer(["http://10.0.0.1"], { healthCheck }) }, "app");
  await bench.clock.advance(healthCheck.intervalMs * 3 + DISCARD_MS);
  assert.equal(bodies.length, 4);
  assert.ok(bodies.every(({ calls }) => calls.at(-1) === "cancel"));
});
