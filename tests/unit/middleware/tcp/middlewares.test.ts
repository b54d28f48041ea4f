// TCP middlewares: who may connect, and how many connections of one client there may be.

import assert from "node:assert/strict";
import { test } from "node:test";
import { tcpMiddlewareSchemas } from "../../../../src/middleware/tcp/schemas.ts";
import { StateStore } from "../../../../src/net/state.ts";
import { TcpSession } from "../../../../src/net/tcp-session.ts";
import type { TcpMiddleware } from "../../../../src/net/tcp-session.ts";
import { MemoryConnection } from "../../../support/memory-connection.ts";
import { MemoryLogger } from "../../service/fakes.ts";

function build(kind: string, options: unknown, state = new StateStore()): TcpMiddleware {
  const definition = tcpMiddlewareSchemas.get(kind);
  assert.ok(definition);
  const parsed = definition.schema.parse(options);
  return definition.create(parsed, { key: "m@test", state, logger: new MemoryLogger() });
}

/** @returns the session when it got through */
function connect(middleware: TcpMiddleware, ip: string): TcpSession | undefined {
  let passed: TcpSession | undefined;
  const session = new TcpSession(new MemoryConnection({ remote: { ip, port: 1 } }), { entryPoint: "raw", idleMs: 0 });
  middleware((one) => void (passed = one))(session);
  assert.equal(session.isOver, passed === undefined);
  return passed;
}

for (const kind of ["ipAllowList", "ipWhiteList"]) {
  test(`${kind} lets only clients of its ranges connect`, () => {
    const middleware = build(kind, { sourceRange: ["10.0.0.0/8", "fd00::1"] });
    for (
      const [ip, passes] of [["10.1.2.3", true], ["192.0.2.1", false], ["fd00::1", true], ["fd00::2", false]] as const
    ) {
      assert.equal(connect(middleware, ip) !== undefined, passes, ip);
    }
    assert.equal(connect(build(kind, {}), "10.1.2.3"), undefined);
  });
}

test("ipAllowList goes by the client that a PROXY protocol header told", () => {
  const middleware = build("ipAllowList", { sourceRange: ["10.0.0.0/8"] });
  const remote = { ip: "10.9.9.9", port: 7 };
  let passed = false;
  middleware(() => void (passed = true))(
    new TcpSession(new MemoryConnection(), { entryPoint: "raw", idleMs: 0, remote }),
  );
  assert.equal(passed, true);
});

test("inFlightConn lets so many connections of one client through, and more when one is over", () => {
  const middleware = build("inFlightConn", { amount: 2 });
  const first = connect(middleware, "10.0.0.1");
  assert.ok(first && connect(middleware, "10.0.0.1"));
  assert.equal(connect(middleware, "10.0.0.1"), undefined);
  assert.ok(connect(middleware, "10.0.0.2"));
  first.over();
  first.over();
  assert.ok(connect(middleware, "10.0.0.1"));
  assert.equal(connect(middleware, "10.0.0.1"), undefined);
});

test("inFlightConn without amount has no limit", () => {
  const middleware = build("inFlightConn", {});
  for (let turn = 0; turn < 100; turn++) assert.ok(connect(middleware, "10.0.0.1"));
});

test("inFlightConn counts on over a reload", () => {
  const state = new StateStore();
  assert.ok(connect(build("inFlightConn", { amount: 1 }, state), "10.0.0.1"));
  assert.equal(connect(build("inFlightConn", { amount: 1 }, state), "10.0.0.1"), undefined);
});
