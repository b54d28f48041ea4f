// Who gets a connection: Traefik's precedence as one table, and routes found through their server names.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TcpHandler } from "../../../src/net/tcp-session.ts";
import { parseRule } from "../../../src/rule/parse.ts";
import { createTcpTable, decideConnection } from "../../../src/router/tcp-table.ts";
import type { FirstBytesFacts, HttpsNames, TcpRoute } from "../../../src/router/tcp-table.ts";

const handler: TcpHandler = () => undefined;

/** `tls name` or `plain name`, then the rule; the priority is that of its place unless a number is behind it. */
function route(text: string): TcpRoute {
  const [, kind, name, rule, priority] = /^(\w+) (\w+) (\S.*?)(?: @(-?\d+))?$/.exec(text) ?? [];
  const parsed = parseRule(rule ?? "", { protocol: "tcp", syntax: "v3" });
  assert.ok("tree" in parsed, text);
  return {
    name: name ?? "",
    rule: parsed.tree,
    priority: priority === undefined ? (rule === "HostSNI(`*`)" ? -1 : (rule ?? "").length) : Number(priority),
    order: 0,
    isTls: kind === "tls",
    handler,
  };
}

/** HTTPS routers for one host, and one for any. */
const web: HttpsNames = { find: (name) => (name === "web.test" ? "specific" : "catch-all") };
const onlyWeb: HttpsNames = { find: (name) => (name === "web.test" ? "specific" : undefined) };

const tls = (serverName?: string, ...alpn: string[]): FirstBytesFacts => ({ kind: "tls", serverName, alpn });
const postgres = (serverName?: string): FirstBytesFacts => ({ kind: "postgres", serverName, alpn: [] });
const unread: FirstBytesFacts = { kind: "unread" };
const silent: FirstBytesFacts = { kind: "silent" };
const plain: FirstBytesFacts = { kind: "plain" };

const any = "plain any HostSNI(`*`)";
const near = "plain near ClientIP(`10.0.0.0/8`)";
const db = "tls db HostSNI(`db.test`)";
const all = "tls all HostSNI(`*`)";

const rows: readonly [
  title: string,
  routes: readonly string[],
  https: HttpsNames | undefined,
  facts: FirstBytesFacts,
  wanted: string,
][] = [
  ["plain TCP alone gets a connection before a byte is read", [any], undefined, unread, "any"],
  ["plain TCP that does not match leaves it to HTTP", [near], undefined, unread, "http"],
  ["beside TLS routes the first bytes are read", [any, db], undefined, unread, "read"],
  ["beside HTTPS routers the first bytes are read", [any], web, unread, "read"],
  ["TLS routes alone want the first bytes", [db], undefined, unread, "read"],
  ["a silent client gets the plain route", [any, db], undefined, silent, "any"],
  ["a silent client that no plain route would have goes on waiting", [near, db], undefined, silent, "read"],
  ["without TLS the plain route comes before HTTP", [any, db], undefined, plain, "any"],
  ["without TLS and plain route it is HTTP", [db, near], undefined, plain, "http"],
  ["HTTPS for the name comes first", ["tls web HostSNI(`web.test`)", all], web, tls("web.test"), "https"],
  ["then TCP for the name", [db, all], web, tls("db.test"), "db"],
  ["then HTTPS for any name", [db, all], web, tls("x.test"), "https"],
  ["then TCP for any name", [db, all], onlyWeb, tls("x.test"), "all"],
  ["then HTTPS, for its 404", [db], onlyWeb, tls("x.test"), "https"],
  ["without HTTPS routers the catch-all gets it", [db, all], undefined, tls("x.test"), "all"],
  ["a plain route never gets TLS", [any, db], undefined, tls("x.test"), "https"],
  ["a client without a server name gets the catch-all", [db, all], undefined, tls(undefined), "all"],
  ["a catch-all with more conditions is none", ["tls h2 HostSNI(`*`) && ALPN(`h2`)"], web, tls("x.test", "h2"), "h2"],
  ["PostgreSQL's TLS goes by name", [db, all], web, postgres("db.test"), "db"],
  ["PostgreSQL's TLS is never HTTPS", [db], web, postgres("web.test"), "close"],
  ["a higher priority goes first", [db, "tls other HostSNIRegexp(`^d`) @99"], undefined, tls("db.test"), "other"],
  ["a catch-all with priority hides names, and gives way to HTTPS", [db, `${all} @99`], web, tls("db.test"), "https"],
];

for (const [title, routes, https, facts, wanted] of rows) {
  test(`decideConnection(): ${title}`, () => {
    const table = createTcpTable(routes.map(route), https);
    assert.ok(table);
    const verdict = decideConnection(table, facts, "192.0.2.1");
    assert.equal(verdict.kind === "tcp" ? verdict.route.name : verdict.kind, wanted);
  });
}

test("decideConnection() goes by the client's address", () => {
  const table = createTcpTable([near, db].map(route));
  assert.ok(table);
  for (const [ip, wanted] of [["10.1.2.3", "tcp"], ["192.0.2.1", "read"], ["fd00::1", "read"]] as const) {
    assert.equal(decideConnection(table, silent, ip).kind, wanted);
  }
});

test("createTcpTable() gives nothing where there is nothing to choose", () => {
  assert.equal(createTcpTable([]), undefined);
  assert.ok(createTcpTable([], web));
});

const names: readonly [
  title: string,
  rules: readonly string[],
  name: string | undefined,
  wanted: string | undefined,
][] = [
  ["an exact name before a wildcard", ["HostSNI(`*.db.test`)", "HostSNI(`a.db.test`) @99"], "a.db.test", "r1"],
  ["a wildcard for one label", ["HostSNI(`*.db.test`)"], "a.db.test", "r0"],
  ["a wildcard not for two labels", ["HostSNI(`*.db.test`)"], "a.b.db.test", undefined],
  ["a wildcard not for none", ["HostSNI(`*.db.test`)"], "db.test", undefined],
  ["either of two names", ["HostSNI(`a.test`) || HostSNI(`b.test`)"], "b.test", "r0"],
  ["a name and a protocol that is not offered", ["HostSNI(`a.test`) && ALPN(`h2`)"], "a.test", undefined],
  ["everything but a name", ["!HostSNI(`a.test`)"], "b.test", "r0"],
  ["everything but that name", ["!HostSNI(`a.test`)"], "a.test", undefined],
  ["an expression", ["HostSNIRegexp(`^db-[0-9]+\\.test$`)"], "db-7.test", "r0"],
  ["an expression that is a list", ["HostSNIRegexp(`^(a|b)\\.test$`)"], "b.test", "r0"],
  ["no name for an expression", ["HostSNIRegexp(`^db`)"], undefined, undefined],
];

for (const [title, rules, name, wanted] of names) {
  test(`createTcpRouter() finds ${title}`, () => {
    const table = createTcpTable(rules.map((rule, at) => route(`tls r${at} ${rule}`)));
    const found = table?.tls.find({ serverName: name, remoteIp: "192.0.2.1", alpn: [] });
    assert.equal(found?.name, wanted);
  });
}
