// Documents and files put together: what is joined, what is refused, and what it costs.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DynamicConfiguration } from "../../../src/config/dynamic.ts";
import { emptyConfiguration } from "../../../src/config/dynamic.ts";
import { emptyTcp } from "../../../src/config/dynamic-tcp.ts";
import { ConfigurationJoiner } from "../../../src/config/join.ts";

function withRouter(name: string, rule = "Path(`/`)"): DynamicConfiguration {
  return { http: { ...emptyConfiguration.http, routers: { [name]: { rule, service: "app" } } } };
}

test("ConfigurationJoiner lets the first of a name win, and tells of the others", () => {
  const joiner = new ConfigurationJoiner();
  assert.deepEqual(joiner.add(withRouter("a", "Path(`/1`)")), []);
  const [problem, ...others] = joiner.add(withRouter("a", "Path(`/2`)"));
  assert.deepEqual([problem?.code, problem?.path, others], ["duplicate-name", ["http", "routers", "a"], []]);
  assert.equal(joiner.configuration.http.routers["a"]?.rule, "Path(`/1`)");
});

test("ConfigurationJoiner has the protocols that some configuration has", () => {
  const joiner = new ConfigurationJoiner();
  joiner.add(withRouter("a"));
  assert.deepEqual(Object.keys(joiner.configuration), ["http"]);
  joiner.add({ ...emptyConfiguration, tcp: emptyTcp });
  joiner.add(withRouter("b"));
  assert.deepEqual(joiner.configuration.tcp, emptyTcp);
  assert.deepEqual(Object.keys(joiner.configuration), ["http", "tcp"]);
});

test("ConfigurationJoiner takes names that every object has", () => {
  const joiner = new ConfigurationJoiner();
  for (const name of ["__proto__", "constructor"]) {
    joiner.add({
      http: { ...emptyConfiguration.http, routers: Object.fromEntries([[name, { rule: "", service: "" }]]) },
    });
  }
  assert.deepEqual(Object.keys(joiner.configuration.http.routers), ["__proto__", "constructor"]);
});

test("ConfigurationJoiner joins 10,000 files in seconds, not in minutes", () => {
  const joiner = new ConfigurationJoiner();
  const startedAt = performance.now();
  for (let file = 0; file < 10_000; file++) joiner.add(withRouter(`r${file}`));
  assert.equal(Object.keys(joiner.configuration.http.routers).length, 10_000);
  assert.ok(performance.now() - startedAt < 10_000);
});
