// Addresses come and go: what the transport remembers of them stays bounded.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Deadlines } from "../../../src/net/deadlines.ts";
import { defaultTransportOptions, Http1Transport } from "../../../src/service/http1-transport.ts";
import type { Target } from "../../../src/service/transport.ts";
import { FakeRuntime } from "../build/fakes.ts";
import { request, settled } from "./fakes.ts";

const MINUTE = 60_000;

function target(host: string): Target {
  return { url: `http://${host}:80`, host, port: 80, authority: host, pathPrefix: "", passHostHeader: true };
}

test("Http1Transport forgets addresses that nobody has asked for in a while, and keeps those in use", async () => {
  let time = 0;
  const fake = new FakeRuntime();
  const deadlines = new Deadlines(() => time);
  const transport = new Http1Transport(fake.runtime, deadlines, { ...defaultTransportOptions, maxLifeMs: 0 });
  const ask = async (host: string) => {
    const { body } = await transport.send(request(), target(host));
    assert.ok(body?.takeWhole() !== undefined);
  };
  for (let minute = 0; minute < 500; minute++) {
    await ask("kept");
    for (let pod = 0; pod < 5; pod++) await ask(`pod-${minute}-${pod}`);
    time += MINUTE;
    deadlines.sweep(); // closes what was idle for a minute
    await settled();
    assert.ok(transport.addresses <= 150, `${transport.addresses} addresses after ${minute} minutes`);
  }
  transport.dispose();
  await settled();
  assert.deepEqual([transport.addresses, fake.open.size, deadlines.size], [0, 0, 0]);
});

test("Http1Transport keeps the connection of an address it uses, however many others come", async () => {
  let time = 0;
  const fake = new FakeRuntime();
  const deadlines = new Deadlines(() => time);
  const transport = new Http1Transport(fake.runtime, deadlines, {
    ...defaultTransportOptions,
    idleTimeoutMs: 0,
    maxLifeMs: 0,
  });
  for (let at = 0; at < 300; at++) {
    for (const host of ["kept", `pod-${at}`]) {
      const { body } = await transport.send(request(), target(host));
      body?.takeWhole();
    }
    time += MINUTE;
    deadlines.sweep();
  }
  assert.equal(fake.dialled.filter((address) => address === "kept:80").length, 1);
  transport.dispose();
  await settled();
  assert.equal(fake.open.size, 0);
});
