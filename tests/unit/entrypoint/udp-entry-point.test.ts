// UDP sessions: one per client, each with its server, bounded in number, ended by silence or a server that refuses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { UdpEntryPoint } from "../../../src/entrypoint/udp-entry-point.ts";
import type { Address } from "../../../src/net/connection.ts";
import type { DatagramChannelHandler, DatagramHandler, DatagramOptions } from "../../../src/net/datagram.ts";
import { Deadlines } from "../../../src/net/deadlines.ts";
import { ProxyError } from "../../../src/net/error.ts";
import type { Runtime } from "../../../src/net/runtime.ts";
import type { UdpLease } from "../../../src/net/udp-handler.ts";

const here: Address = { ip: "127.0.0.1", port: 53 };
const refusal = new ProxyError("refused", { code: "connect-refused", source: "upstream", status: 502 });

/** A socket of a session, towards its server. */
interface Channel {
  readonly to: DatagramOptions;
  readonly handler: DatagramChannelHandler;
  readonly sent: string[];
  closed: boolean;
}

class Scene {
  now = 0;
  readonly deadlines = new Deadlines(() => this.now);
  readonly channels: Channel[] = [];
  /** `client text from` of each datagram to a client. */
  readonly answers: string[] = [];
  readonly ends: (string | undefined)[] = [];
  readonly entryPoint: UdpEntryPoint;
  socketClosed = false;
  server = "10.0.0.1";
  #handler: DatagramHandler | undefined = undefined;

  constructor(maxSessions = 100) {
    const runtime = {
      openDatagrams: (_: DatagramOptions, handler: DatagramHandler) => {
        this.#handler = handler;
        return Promise.resolve({
          ...{ host: "127.0.0.1", port: 5353, locals: [here] },
          send: (bytes: Uint8Array, to: Address, from?: Address) =>
            this.answers.push(`${to.ip}:${to.port} ${new TextDecoder().decode(bytes)} ${from?.ip}`),
          close: () => {
            this.socketClosed = true;
            return Promise.resolve();
          },
        });
      },
      dialDatagrams: (to: DatagramOptions, handler: DatagramChannelHandler) => {
        const channel: Channel = { to, handler, sent: [], closed: false };
        this.channels.push(channel);
        return {
          send: (bytes: Uint8Array) => channel.sent.push(new TextDecoder().decode(bytes)),
          close: () => void (channel.closed = true),
        };
      },
    } as unknown as Runtime;
    this.entryPoint = new UdpEntryPoint(runtime, this.deadlines, {
      ...{ name: "dns", host: "127.0.0.1", port: 0, timeoutMs: 3_000, maxSessions },
      failed: () => undefined,
    });
    this.entryPoint.handler = () => this.#lease();
  }

  async open(): Promise<this> {
    await this.entryPoint.open();
    return this;
  }

  send(port: number, text = "ask", local: Address = here): void {
    this.#handler?.message(new TextEncoder().encode(text), { ip: "192.0.2.1", port }, local);
  }

  /** The server of a session answers. */
  answer(at: number, text = "answer"): void {
    this.channels[at]?.handler.message(new TextEncoder().encode(text));
  }

  pass(ms: number): void {
    this.now += ms;
    this.deadlines.sweep();
  }

  async end(): Promise<void> {
    await this.entryPoint.close(0);
    assert.equal(this.deadlines.size, 0);
  }

  #lease(): UdpLease {
    return {
      ...{ host: this.server, port: 53, address: this.server, received: { value: 0 }, sent: { value: 0 } },
      answered: () => undefined,
      end: (error) => this.ends.push(error?.code),
    };
  }
}

function sceneTest(title: string, maxSessions: number, run: (scene: Scene) => void | Promise<void>): void {
  test(`UdpEntryPoint ${title}`, async () => {
    const scene = await new Scene(maxSessions).open();
    try {
      await run(scene);
    } finally {
      await scene.end();
    }
  });
}

sceneTest("keeps a session per client, and answers from where it was asked", 100, (scene) => {
  scene.send(1, "a");
  scene.send(2, "b");
  scene.send(1, "c");
  scene.send(1, "d", { ip: "127.0.0.2", port: 53 });
  assert.deepEqual(scene.channels.map(({ sent }) => sent), [["a", "c"], ["b"], ["d"]]);
  for (const at of [0, 1, 2]) scene.answer(at, String(at));
  assert.deepEqual(scene.answers, ["192.0.2.1:1 0 127.0.0.1", "192.0.2.1:2 1 127.0.0.1", "192.0.2.1:1 2 127.0.0.2"]);
});

sceneTest("ends a session after silence, which any datagram breaks", 100, (scene) => {
  scene.send(1);
  scene.pass(2_900);
  scene.answer(0);
  scene.pass(2_900);
  scene.send(1);
  scene.pass(2_900);
  assert.equal(scene.entryPoint.connections, 1);
  scene.pass(400);
  assert.equal(scene.entryPoint.connections, 0);
  assert.deepEqual([scene.channels[0]?.closed, scene.ends], [true, [undefined]]);
  scene.send(1);
  assert.equal(scene.channels.length, 2);
});

sceneTest("ends the session when its server refuses, and begins anew with the next datagram", 100, (scene) => {
  scene.send(1);
  scene.channels[0]?.handler.fail(refusal);
  assert.deepEqual([scene.entryPoint.connections, scene.ends], [0, ["connect-refused"]]);
  scene.server = "10.0.0.2";
  scene.send(1);
  assert.equal(scene.channels[1]?.to.host, "10.0.0.2");
});

sceneTest("leaves sessions with their server when the configuration changes", 100, (scene) => {
  scene.send(1, "a");
  scene.entryPoint.handler = undefined;
  scene.send(1, "b");
  scene.send(2, "c");
  assert.deepEqual(scene.channels.map(({ sent }) => sent), [["a", "b"]]);
});

sceneTest("lets the least recently used session go when there are too many", 3, (scene) => {
  for (const port of [1, 2, 3]) scene.send(port);
  scene.send(1);
  scene.send(4);
  assert.deepEqual(scene.channels.map(({ closed }) => closed), [false, true, false, false]);
  assert.equal(scene.entryPoint.connections, 3);
});

sceneTest("loses no session that is in a conversation to a flood of strangers", 64, (scene) => {
  for (let port = 1; port <= 40; port++) {
    scene.send(port, "first");
    scene.answer(port - 1);
    scene.send(port, "second");
    scene.send(port, "third");
  }
  for (let port = 1_000; port < 11_000; port++) {
    scene.send(port);
    scene.answer(scene.channels.length - 1);
  }
  assert.equal(scene.entryPoint.connections, 64);
  scene.answers.length = 0;
  for (let at = 0; at < 40; at++) {
    assert.equal(scene.channels[at]?.closed, false);
    scene.answer(at);
  }
  assert.equal(scene.answers.length, 40);
});

sceneTest("keeps room for new clients when all are in a conversation", 16, (scene) => {
  for (let port = 1; port <= 32; port++) {
    scene.send(port);
    scene.answer(scene.channels.length - 1);
    for (const text of ["a", "b"]) scene.send(port, text);
  }
  assert.equal(scene.entryPoint.connections, 16);
  const open = scene.channels.flatMap(({ closed }, at) => (closed ? [] : [at + 1]));
  assert.deepEqual(open, Array.from({ length: 16 }, (_, at) => at + 17));
});

test("UdpEntryPoint.close() takes no new clients, and waits for those there are", async () => {
  const scene = await new Scene().open();
  scene.send(1);
  scene.send(3);
  const closed = scene.entryPoint.close(60_000);
  scene.send(2);
  scene.answer(0);
  assert.deepEqual([scene.channels.length, scene.answers.length, scene.socketClosed], [2, 1, false]);
  scene.pass(600);
  assert.deepEqual(scene.channels.map(({ closed: isClosed }) => isClosed), [true, false]);
  scene.answer(1);
  scene.pass(600);
  await closed;
  assert.equal(scene.socketClosed, true);
});
