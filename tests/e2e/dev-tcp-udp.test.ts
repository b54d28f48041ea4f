// `weir dev` with TCP and UDP routes: entry points open for them, stubs answer, and real processes can take their place.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { test } from "node:test";
import { eventually } from "../support/ask.ts";
import { RawClient, startRaw } from "../support/raw-tcp.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import { startWeir, type Weir } from "../support/weir.ts";

const flags = [
  "--kube.port",
  "0",
  "--entrypoints.web.address=127.0.0.1:0",
  "--entrypoints.traefik.address=127.0.0.1:0",
];
/** Declared, so that no test looks for the ports people know. */
const free = ["--entrypoints.mongo.address=127.0.0.1:0", "--entrypoints.udpep.address=127.0.0.1:0/udp"];

for (const runtime of threeRuntimes) {
  test(`seed 002's mongo and whoamiudp answer on ${runtime.name}`, async () => {
    const weir = await startWeir(runtime, ["dev", "fixtures/seeds/002", ...flags, ...free]);
    try {
      assert.doesNotMatch(weir.output(), /not served/);
      const client = new RawClient(weir.port("mongo"));
      client.socket.end("WHO\nhello\n");
      await client.until(({ ended }) => ended);
      assert.match(client.text, /^Hostname: mongo-traefik-\S+\nIP: 127\.0\.0\.1\nReceived: hello\n$/);
      assert.equal(await ask(weir, "othermessage\n"), "Received: othermessage\n");
      const pods = new Set<string>();
      for (let turn = 0; turn < 4; turn++) pods.add(await ask(weir, "WHO\n"));
      assert.equal(pods.size, 2);
      for (const answer of pods) assert.match(answer, /^Hostname: whoamiudp-\S+\nIP: 127\.0\.0\.1\n$/);
    } finally {
      await weir.stop();
    }
  });

  test(`entry points open for seed 002's TCP and UDP routes, and --map reaches a process on ${runtime.name}`, async () => {
    const server = await startRaw((socket) => void socket.end("it is me"));
    const map = `mongo-traefik=127.0.0.1:${server.port}`;
    const weir = await startWeir(runtime, ["dev", "fixtures/seeds/002", "--map", map, ...flags]);
    try {
      const client = await new RawClient(weir.port("mongo")).until(({ text }) => text !== "");
      assert.equal(client.text, "it is me");
      client.socket.destroy();
      assert.match(weir.output(), /udpep=127\.0\.0\.1:\d+\/udp/);
    } finally {
      await weir.stop();
      await server.close();
    }
  });
}

/** Asks from a port of its own. */
async function ask(weir: Weir, text: string): Promise<string> {
  const socket = createSocket("udp4");
  let answer = "";
  socket.on("message", (bytes) => answer = String(bytes));
  socket.send(text, weir.port("udpep"), "127.0.0.1");
  const seen = await eventually(() => answer, (found) => found !== "");
  socket.close();
  return seen;
}
