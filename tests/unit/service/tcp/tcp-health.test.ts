// Health checks of TCP servers: connecting, sending, and what the answer begins with.

import assert from "node:assert/strict";
import type { TcpHealthCheck } from "../../../../src/config/dynamic-tcp.ts";
import { settled } from "../../../support/memory-connection.ts";
import { balance, sceneTest, TcpScene } from "./fakes.ts";

const check: TcpHealthCheck = {
  ...{ port: 0, send: "", expect: "", intervalMs: 10_000, unhealthyIntervalMs: 1_000, timeoutMs: 3_000 },
};

const rows: readonly [title: string, check: Partial<TcpHealthCheck>, replies: readonly string[], up: boolean][] = [
  ["a connection is enough", {}, [], true],
  ["the answer begins as expected, in pieces", { send: "PING\r\n", expect: "+PONG" }, ["+P", "ONG\r\n"], true],
  ["a banner without a question", { expect: "220 " }, ["220 mail.test\r\n"], true],
  ["another answer", { send: "PING\r\n", expect: "+PONG" }, ["-ERR"], false],
];

for (const [title, more, replies, up] of rows) {
  sceneTest(`TcpServerHealth: ${title}`, async () => {
    const scene = new TcpScene();
    const { service } = scene.build(balance(["10.0.0.1:1"], { healthCheck: { ...check, ...more } }));
    await settled();
    const probe = scene.dialled[0]?.server;
    assert.equal(probe?.text, more.send ?? "");
    probe?.send(...replies);
    await settled();
    assert.deepEqual(service.serverStatus(), { "10.0.0.1:1": up ? "UP" : "DOWN" });
    assert.equal(service.available(), up);
    assert.equal(probe?.ended || probe?.closed, true);
  });
}

sceneTest(
  "TcpServerHealth takes a server down that refuses, is deaf or hangs up, and up again when it answers",
  async () => {
    const scene = new TcpScene();
    scene.dead.add("10.0.0.1:1");
    const { service } = scene.build(balance(["10.0.0.1:1"], { healthCheck: { ...check, expect: "ok" } }));
    await settled();
    assert.equal(service.available(), false);
    scene.dead.clear();
    scene.deaf.add("10.0.0.1:1");
    await scene.pass(1_001);
    await scene.pass(3_001);
    assert.equal(service.available(), false);
    scene.deaf.clear();
    await scene.pass(1_001);
    scene.dialled[0]?.server.connection.end();
    await settled();
    assert.equal(service.available(), false);
    await scene.pass(1_001);
    scene.dialled[1]?.server.send("ok");
    await settled();
    assert.equal(service.available(), true);
    assert.deepEqual(scene.status, ["10.0.0.1:1 UP", "10.0.0.1:1 DOWN", "10.0.0.1:1 UP"]);
  },
);

sceneTest("TcpServerHealth asks another port when told so", () => {
  const scene = new TcpScene();
  scene.build(balance(["10.0.0.1:1"], { healthCheck: { ...check, port: 99 } }));
  assert.deepEqual([scene.tried[0]?.host, scene.tried[0]?.port], ["10.0.0.1", 99]);
});

sceneTest("TcpServerHealth is kept over reloads, and ends with its server", async () => {
  const scene = new TcpScene();
  scene.dead.add("10.0.0.1:1");
  const config = balance(["10.0.0.1:1"], { healthCheck: check });
  scene.state.begin();
  scene.build(config);
  scene.state.commit();
  await settled();
  scene.state.begin();
  const { service } = scene.build(config);
  scene.state.commit();
  assert.equal(service.available(), false);
  assert.equal(scene.tried.length, 1);
  scene.state.begin();
  scene.build(balance([]));
  scene.state.commit();
  await scene.pass(60_000);
  assert.equal(scene.tried.length, 1);
});
