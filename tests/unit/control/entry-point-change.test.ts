// Which entry points a change of definitions opens, closes and replaces, and whose listener is passed on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { entryPointSchema } from "../../../src/config/static-entry-points.ts";
import { type Definitions, planChange } from "../../../src/control/entry-point-change.ts";

/** name → address, or options */
type Short = Readonly<Record<string, string | Readonly<Record<string, unknown>>>>;

function define(short: Short): Definitions {
  return Object.fromEntries(
    Object.entries(short).map(([name, options]) => [
      name,
      entryPointSchema.parse(typeof options === "string" ? { address: options } : options),
    ]),
  );
}

interface Case {
  readonly name: string;
  readonly before: Short;
  readonly after: Short;
  /** `name` opens, `name<donor` takes over, `name<donor!option` keeps an option. */
  readonly arrivals: readonly string[];
  readonly departures: readonly string[];
}

const http = { maxHeaderFields: 7 };
const cases: readonly Case[] = [
  { name: "nothing", before: { a: ":1" }, after: { a: ":1" }, arrivals: [], departures: [] },
  { name: "another order", before: { a: ":1", b: ":2" }, after: { b: ":2", a: ":1" }, arrivals: [], departures: [] },
  { name: "one more", before: { a: ":1" }, after: { a: ":1", b: ":2" }, arrivals: ["b"], departures: [] },
  { name: "one less", before: { a: ":1", b: ":2" }, after: { a: ":1" }, arrivals: [], departures: ["b"] },
  {
    name: "an option",
    before: { a: ":1" },
    after: { a: { address: ":1", http } },
    arrivals: ["a<a"],
    departures: ["a"],
  },
  { name: "a spelling", before: { a: ":1" }, after: { a: ":1/TCP" }, arrivals: ["a<a"], departures: ["a"] },
  { name: "an address", before: { a: ":1" }, after: { a: ":2" }, arrivals: ["a"], departures: ["a"] },
  { name: "a protocol", before: { a: ":1" }, after: { a: ":1/udp" }, arrivals: ["a"], departures: ["a"] },
  { name: "a name", before: { a: ":1" }, after: { b: ":1" }, arrivals: ["b<a"], departures: ["a"] },
  {
    name: "addresses change places",
    before: { a: ":1", b: ":2" },
    after: { a: ":2", b: ":1" },
    arrivals: ["a<b", "b<a"],
    departures: ["a", "b"],
  },
  {
    name: "a name's own listener before another's",
    before: { z: ":0", a: ":0" },
    after: { a: { address: ":0", http } },
    arrivals: ["a<a"],
    departures: ["z", "a"],
  },
  {
    name: "a listener is passed on once",
    before: { a: ":1" },
    after: { a: { address: ":1", reusePort: true }, b: { address: ":1", reusePort: true } },
    arrivals: ["a<a!reusePort", "b"],
    departures: ["a"],
  },
  {
    name: "options of the listener",
    before: { a: ":1" },
    after: { a: { address: ":1", transport: { maxConnections: 5 } } },
    arrivals: ["a<a!transport.maxConnections"],
    departures: ["a"],
  },
  {
    name: "options of the listener, with another address",
    before: { a: ":1" },
    after: { a: { address: ":2", reusePort: true } },
    arrivals: ["a"],
    departures: ["a"],
  },
  { name: "a name, on any port", before: { a: ":0" }, after: { b: ":0" }, arrivals: ["b"], departures: ["a"] },
  { name: "UDP's", before: { a: ":1/udp" }, after: { b: ":1/UDP" }, arrivals: ["b<a"], departures: ["a"] },
];

for (const { name, before, after, arrivals, departures } of cases) {
  test(`planChange() ${name}`, () => {
    const plan = planChange(define(before), define(after));
    const shown = plan.arrivals.map((each) => {
      const donor = each.donor === undefined ? "" : `<${each.donor}`;
      return [`${each.name}${donor}`, ...each.unchanged].join("!");
    });
    assert.deepEqual([shown, plan.departures], [arrivals, departures]);
  });
}
