// Two connections joined: bytes, backpressure, FIN, RST and silence on one side become the same on the other.

import assert from "node:assert/strict";
import { Deadlines } from "../../../../src/net/deadlines.ts";
import type { ProxyError } from "../../../../src/net/error.ts";
import { Tunnel } from "../../../../src/service/tcp/tunnel.ts";
import { endLater, sceneTest } from "./fakes.ts";
import { MemoryConnection, Peer, settled } from "../../../support/memory-connection.ts";

interface Options {
  readonly idleMs?: number;
  readonly terminationMs?: number;
  readonly first?: readonly string[];
  readonly ended?: boolean;
  readonly highWater?: number;
}

/** A tunnel with somebody at each end, and a clock that is moved by hand. */
class Scene {
  now = 0;
  readonly deadlines = new Deadlines(() => this.now);
  readonly near: MemoryConnection;
  readonly far: MemoryConnection;
  readonly client: Peer;
  readonly server: Peer;
  readonly received = { value: 0 };
  readonly sent = { value: 0 };
  over = 0;
  error: ProxyError | undefined = undefined;

  constructor({ idleMs = 0, terminationMs = -1, first = [], ended = false, highWater = 65_536 }: Options = {}) {
    this.near = new MemoryConnection({ highWater });
    this.far = new MemoryConnection({ highWater });
    this.client = new Peer(this.near.pair());
    this.server = new Peer(this.far.pair());
    const { deadlines, received, sent } = this;
    endLater(this);
    new Tunnel({
      ...{ client: this.near, server: this.far, deadlines, idleMs, terminationMs, received, sent },
      over: (error) => {
        this.over++;
        this.error = error;
      },
    }).start(first.map((text) => new TextEncoder().encode(text)), ended);
  }

  /** Cuts what is open. */
  async end(): Promise<void> {
    this.client.connection.reset();
    this.server.connection.reset();
    await settled();
  }

  /** Lets time pass, and what it brings about happen. */
  async pass(ms: number): Promise<void> {
    this.now += ms;
    this.deadlines.sweep();
    await settled();
  }
}

sceneTest("Tunnel carries bytes both ways, counts them, and ends when both have sent FIN", async () => {
  const scene = new Scene({ first: ["hel", "lo"] });
  scene.server.send("banner");
  await settled();
  assert.deepEqual([scene.server.text, scene.client.text], ["hello", "banner"]);
  scene.client.connection.end();
  await settled();
  assert.deepEqual([scene.server.ended, scene.client.ended, scene.over], [true, false, 0]);
  scene.server.send(" and more");
  scene.server.connection.end();
  await settled();
  assert.equal(scene.client.text, "banner and more");
  assert.deepEqual([scene.client.ended, scene.over, scene.error], [true, 1, undefined]);
  assert.deepEqual([scene.received.value, scene.sent.value], [5, 15]);
  assert.equal(scene.deadlines.size, 0);
});

sceneTest("Tunnel lets the client's answer come after a FIN that was read before it began", async () => {
  const scene = new Scene({ first: ["ask"], ended: true });
  scene.client.connection.end(); // what the tunnel was told of; it may hear of it again
  await settled();
  assert.deepEqual([scene.server.text, scene.server.ended], ["ask", true]);
  scene.server.send("answer");
  scene.server.connection.end();
  await settled();
  assert.deepEqual([scene.client.text, scene.over], ["answer", 1]);
});

sceneTest("Tunnel lets the client speak on after the server's FIN", async () => {
  const scene = new Scene();
  scene.server.connection.end();
  await settled();
  assert.equal(scene.client.ended, true);
  scene.client.send("late");
  scene.client.connection.end();
  await settled();
  assert.deepEqual([scene.server.text, scene.over], ["late", 1]);
});

for (const side of ["client", "server"] as const) {
  sceneTest(`Tunnel stops reading for a ${side} that does not take its bytes, and goes on when it does`, async () => {
    const scene = new Scene({ highWater: 10 });
    const [slow, fast] = side === "client" ? [scene.client, scene.server] : [scene.server, scene.client];
    const [, source] = side === "client" ? [scene.near, scene.far] : [scene.far, scene.near];
    slow.connection.pause();
    fast.send("0123456789", "more", "and more", "and on");
    await settled();
    assert.equal(source.paused, true);
    assert.ok(source.calls.filter((call) => call === "pause").length === 1);
    slow.connection.resume();
    await settled();
    assert.equal(slow.text, "0123456789moreand moreand on");
    assert.equal(source.paused, false);
  });

  sceneTest(`Tunnel resets the other side when the ${side}'s connection is reset`, async () => {
    const scene = new Scene();
    const [broken, other] = side === "client" ? [scene.client, scene.server] : [scene.server, scene.client];
    broken.connection.reset();
    await settled();
    assert.ok(other.error !== undefined);
    assert.deepEqual([scene.over, scene.deadlines.size], [1, 0]);
    assert.ok(scene.error !== undefined);
  });
}

sceneTest("Tunnel closes both when nothing moves for idleMs, and not before", async () => {
  const scene = new Scene({ idleMs: 1_000 });
  await scene.pass(900);
  scene.client.send("x");
  await scene.pass(10);
  await scene.pass(1_000);
  assert.equal(scene.over, 0);
  await scene.pass(300);
  assert.deepEqual([scene.over, scene.error?.code, scene.client.closed || scene.client.ended], [
    1,
    "idle-timeout",
    true,
  ]);
});

sceneTest("Tunnel without idleMs waits for ever", async () => {
  const scene = new Scene();
  await scene.pass(1e9);
  assert.equal(scene.over, 0);
});

sceneTest("Tunnel gives a side that is alone terminationMs of silence, and begins anew with each byte", async () => {
  const scene = new Scene({ terminationMs: 1_000 });
  scene.client.connection.end();
  await settled();
  for (let turn = 0; turn < 5; turn++) {
    await scene.pass(900);
    scene.server.send("part ");
    await scene.pass(10);
  }
  assert.deepEqual([scene.over, scene.client.text], [0, "part part part part part "]);
  await scene.pass(1_200);
  assert.equal(scene.over, 1);
});

sceneTest("Tunnel does not take a client that is slow to read for a side that is done", async () => {
  const scene = new Scene({ terminationMs: 1_000, idleMs: 60_000, highWater: 4 });
  scene.client.connection.end();
  await settled();
  scene.client.connection.pause();
  scene.server.send("a long answer");
  scene.server.connection.end();
  await settled();
  await scene.pass(5_000);
  assert.equal(scene.over, 0);
  scene.client.connection.resume();
  await settled();
  assert.deepEqual([scene.client.text, scene.over], ["a long answer", 1]);
});

sceneTest("Tunnel with a terminationMs of 0 ends soon after the first FIN", async () => {
  const scene = new Scene({ terminationMs: 0 });
  scene.client.connection.end();
  await settled();
  await scene.pass(200);
  assert.equal(scene.over, 1);
});
