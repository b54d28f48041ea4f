// `weir dev` with TCP and UDP routes: entry points open for them, stubs answer, and real processes can take their place.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { test } from "node:test";
import { connect } from "node:tls";
import { promisify } from "node:util";
import { eventually } from "../support/ask.ts";
import { startDev } from "../support/dev-session.ts";
import { skipWithoutKubectl } from "../support/kubectl.ts";
import { type Authority, createAuthority } from "../support/private-authority.ts";
import { RawClient, startRaw } from "../support/raw-tcp.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import { startWeir, type Weir } from "../support/weir.ts";

const run = promisify(execFile);
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

  test(`seed 002's mongo with a Secret is for its name and TLS only on ${runtime.name}`, {
    skip: skipWithoutKubectl,
  }, async () => {
    const authority = await createAuthority("mongo-ca");
    const dev = await startDev(runtime, ["fixtures/seeds/002", ...free]);
    try {
      const { kubectl, weir } = dev;
      const files = await issueAsSeed(authority);
      await kubectl.ok(["create", "secret", "generic", "traefik-mongo-certs", ...files]);
      await kubectl.ok(["apply", "-f", "fixtures/seeds/002-tls/mongo-ingressroute-tcp.yaml"]);
      const port = weir.port("mongo");
      const who = () => askMongo(port, "mongo.local", authority.ca);
      const answer = await eventually(who, (seen) => seen.includes("Received"));
      assert.match(answer, /^Hostname: mongo-traefik-\S+\nIP: 127\.0\.0\.1\nReceived: hello\n$/);
      assert.match(await askMongo(port, "k8s.mongo.local", authority.ca), /unrecognized name/);
      const plain = new RawClient(port);
      plain.socket.end("WHO\nhello\n");
      await plain.until(({ over, ended }) => ended || over !== undefined);
      assert.doesNotMatch(plain.text, /Hostname|Received/);
    } finally {
      await dev.stop();
      await authority.remove();
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

/** The server's certificate of the seed: a name in its subject, and none elsewhere. @returns arguments of kubectl */
async function issueAsSeed({ folder }: Authority): Promise<readonly string[]> {
  const openssl = (line: string) => run("openssl", line.split(" "), { cwd: folder });
  await openssl("req -new -newkey rsa:2048 -nodes -subj /CN=mongo.local -keyout server.key -out server.csr");
  await openssl("x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -sha256 -out server.crt");
  const files = { "tls.crt": "server.crt", "tls.key": "server.key", "ca.crt": "ca.crt" };
  return Object.entries(files).map(([key, file]) => `--from-file=${key}=${folder}/${file}`);
}

/** @returns what the server says, or why the client gave up */
async function askMongo(port: number, servername: string, ca: string): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", servername, ca });
  let text = "";
  socket.on("data", (chunk) => text += String(chunk));
  socket.on("error", (error) => text = error.message);
  socket.on("end", () => socket.destroy());
  socket.end("WHO\nhello\n");
  await new Promise((resolve) => socket.once("close", resolve)); // `once` would throw the error
  return text;
}
