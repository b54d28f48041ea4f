// What each host is dialled with: its own name where it has one, and one object for all that differ in nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultServerTls, ServerTls } from "../../../src/service/server-tls.ts";
import { identityOf } from "../tls/fakes.ts";

test("ServerTls.of() asks names by their own name, and shares settings among addresses", () => {
  assert.equal(defaultServerTls.of("a.test").serverName, "a.test");
  assert.equal(defaultServerTls.of("a.test"), defaultServerTls.of("a.test"));
  assert.notEqual(defaultServerTls.of("a.test"), defaultServerTls.of("b.test"));
  assert.equal(defaultServerTls.of("10.0.0.1").serverName, "");
  assert.equal(defaultServerTls.of("10.0.0.1"), defaultServerTls.of("2001:db8::1"));
  assert.notEqual(defaultServerTls.of("10.0.0.1"), defaultServerTls.of("10.0.0.1", ["h2"]));
  assert.deepEqual(defaultServerTls.of("10.0.0.1", ["h2"]).alpn, ["h2"]);
});

test("ServerTls.of() shares settings among all hosts where a name is configured", () => {
  const tls = new ServerTls("k", { dial: { serverName: "app.test" } });
  assert.equal(tls.of("a.test"), tls.of("10.0.0.1"));
  assert.equal(tls.of("a.test").serverName, "app.test");
});

test("ServerTls.of() tells the judge the name, or the address, that the server was asked by", () => {
  const judge = (_: unknown, name: string) => name;
  const tls = new ServerTls("k", { dial: { serverName: "" }, judge });
  const { leaf } = identityOf([]);
  assert.deepEqual(["a.test", "10.0.0.1"].map((host) => tls.of(host).verify?.(leaf)), ["a.test", "10.0.0.1"]);
});

test("ServerTls.of() keeps a bounded number of settings", () => {
  const tls = new ServerTls("k", { dial: { serverName: "" } });
  const first = tls.of("h0.test");
  for (let at = 1; at < 1001; at++) tls.of(`h${at}.test`);
  assert.notEqual(tls.of("h0.test"), first);
});
