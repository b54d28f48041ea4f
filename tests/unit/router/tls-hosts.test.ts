// TLS options by host: the SNI and Host matrix.

import assert from "node:assert/strict";
import { test } from "node:test";
import { TlsHosts } from "../../../src/router/tls-hosts.ts";
import { parseRule } from "../../../src/rule/parse.ts";

function tableOf(rules: Readonly<Record<string, string | undefined>>): TlsHosts<string> {
  const entries = Object.entries(rules).map(([text, options], index) => {
    const parsed = parseRule(text, { protocol: "http", syntax: "v3" });
    assert.ok(!("error" in parsed), text);
    return { name: `r${index}`, rule: parsed.tree, options };
  });
  return new TlsHosts(entries, { keyOf: (options) => options, options: "default" });
}

const rules = {
  "Host(`a.test`)": "exact",
  "Host(`*.test`)": "wildcard",
  "Host(`B.other.`) && PathPrefix(`/x`)": "folded",
  "Host(`two.a`) || Host(`two.b`)": "both",
  "HostRegexp(`^.+\\.pattern\\.example$`)": "pattern",
  "!Host(`never.example`) && Path(`/rest`)": "rest",
  "Host(`broken.example`)": undefined,
};

const rows: readonly [host: string, options: string | undefined, found: "specific" | "catch-all"][] = [
  ["a.test", "exact", "specific"],
  ["x.test", "wildcard", "specific"],
  ["x.y.test", "rest", "catch-all"],
  ["b.other", "folded", "specific"],
  ["two.a", "both", "specific"],
  ["two.b", "both", "specific"],
  ["x.pattern.example", "pattern", "catch-all"],
  ["nobody.example", "rest", "catch-all"],
  ["broken.example", undefined, "specific"],
  ["", "rest", "catch-all"],
];

for (const [host, options, found] of rows) {
  test(`TlsHosts gives ${JSON.stringify(host)} the options ${options}`, () => {
    const table = tableOf(rules);
    for (let time = 0; time < 2; time++) assert.equal(table.optionsOf(host), options);
    assert.equal(table.find(host === "" ? undefined : host), found);
  });
}

test("TlsHosts gives hosts without routers the default options", () => {
  const table = tableOf({ "Host(`a.test`)": "own" });
  assert.equal(table.optionsOf("b.test"), "default");
  assert.equal(table.optionsOf(""), "default");
  assert.equal(table.find("b.test"), undefined);
  assert.equal(table.find(undefined), undefined);
});

test("TlsHosts falls back to the default options where routers of a host differ, and tells", () => {
  const table = tableOf({
    "Host(`a.test`) && Path(`/1`)": "one",
    "Host(`a.test`) && Path(`/2`)": "two",
    "Host(`same.test`) && Path(`/1`)": "one",
    "Host(`same.test`) && Path(`/2`)": "one",
    "Host(`*.wild`) && Path(`/1`)": "one",
    "Host(`*.wild`) && Path(`/2`)": "two",
    "Path(`/1`)": "one",
    "Path(`/2`)": "two",
  });
  assert.deepEqual(
    ["a.test", "same.test", "x.wild", "other"].map((host) => table.optionsOf(host)),
    ["default", "one", "default", "default"],
  );
  assert.deepEqual(table.conflicts, [
    { host: "a.test", routers: ["r0", "r1"] },
    { host: "*.wild", routers: ["r4", "r5"] },
    { host: "", routers: ["r6", "r7"] },
  ]);
});

test("TlsHosts lets a broken router not decide over a sound one of the same host", () => {
  const table = tableOf({ "Host(`a.test`) && Path(`/1`)": undefined, "Host(`a.test`)": "sound" });
  assert.equal(table.optionsOf("a.test"), "sound");
  assert.deepEqual(table.conflicts, []);
});

test("TlsHosts remembers a bounded number of hosts", () => {
  const table = tableOf(rules);
  for (let host = 0; host < 10_000; host++) assert.equal(table.optionsOf(`h${host}.test`), "wildcard");
});
