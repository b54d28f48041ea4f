// Entry points that change while the proxy runs, over real listeners: who keeps serving, and what a failure leaves.

import { runtime } from "#runtime";
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { type StaticConfiguration, staticSchema } from "../../src/config/static.ts";
import type { Provider } from "../../src/provider/provider.ts";
import { Proxy } from "../../src/proxy.ts";
import { ask } from "../support/ask.ts";
import { configuration, router } from "./build/fakes.ts";
import { MemoryLogger } from "./service/fakes.ts";

type EntryPoints = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const everywhere = configuration({ routers: { all: router("a.test", "noop@internal") } });
const provider = (): Provider => ({
  name: "test",
  start: (update) => update({ configuration: everywhere, problems: [] }),
  stop: () => Promise.resolve(),
});

const anyPort = { address: "127.0.0.1:0" };

function define(entryPoints: EntryPoints): StaticConfiguration["entryPoints"] {
  return staticSchema.parse({ entryPoints }).entryPoints;
}

async function withProxy(entryPoints: EntryPoints, use: (proxy: Proxy) => Promise<void>): Promise<void> {
  const config = staticSchema.parse({ entryPoints, metrics: { prometheus: { entryPoint: "own" } } });
  const options = { runtime, config, logger: new MemoryLogger(), version: "1", providers: [provider()] };
  const proxy = new Proxy(options);
  await proxy.start();
  try {
    await use(proxy);
  } finally {
    await proxy.stop();
  }
}

function portOf(proxy: Proxy, name: string): number {
  return proxy.addresses.find((each) => each.name === name)?.port ?? assert.fail(`${name} is not open`);
}

async function statusOf(proxy: Proxy, name: string, path = "/"): Promise<number> {
  return (await ask({ port: portOf(proxy, name), host: "a.test", path })).status;
}

/** A port of somebody else's. */
async function takenPort(use: (port: number) => Promise<void>): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  try {
    await use(typeof address === "object" && address !== null ? address.port : 0);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Two ports that were free a moment ago. */
async function freePorts(): Promise<readonly number[]> {
  const ports: number[] = [];
  await takenPort(async (one) => {
    await takenPort((other) => Promise.resolve(void ports.push(one, other)));
  });
  return ports;
}

test("Proxy.changeEntryPoints() opens what is new, closes what is gone, and leaves the rest alone", () =>
  withProxy({ web: anyPort, old: anyPort }, async (proxy) => {
    const web = portOf(proxy, "web");
    const old = portOf(proxy, "old");
    const change = await proxy.changeEntryPoints(define({ web: anyPort, fresh: anyPort }));
    assert.deepEqual(change.opened.map(({ name }) => name), ["fresh"]);
    assert.deepEqual([change.closed, change.changed, change.unchanged], [["old"], [], []]);
    assert.equal(portOf(proxy, "web"), web);
    assert.equal(await statusOf(proxy, "web"), 418);
    assert.equal(await statusOf(proxy, "fresh"), 418);
    await assert.rejects(ask({ port: old, host: "a.test" }));
  }));

test("Proxy.changeEntryPoints() gives new options to new connections on the same port", () =>
  withProxy({ web: anyPort, own: anyPort }, async (proxy) => {
    const port = portOf(proxy, "web");
    const large = { headers: { "X-Large": "a".repeat(3000) }, host: "a.test", port };
    assert.equal((await ask(large)).status, 418);
    const limited = { ...anyPort, http: { maxHeaderBytes: 2048 } };
    const change = await proxy.changeEntryPoints(define({ web: limited, own: anyPort }));
    assert.deepEqual(change.changed, [{ name: "web", protocol: "tcp", host: "127.0.0.1", port }]);
    assert.equal((await ask(large)).status, 431);
    assert.equal(await statusOf(proxy, "web"), 418);
  }));

test("Proxy.changeEntryPoints() passes listeners on to new names", async () => {
  const [a = 0, b = 0] = await freePorts();
  const at = (port: number) => ({ address: `127.0.0.1:${port}` });
  await withProxy({ a: at(a), b: at(b) }, async (proxy) => {
    await proxy.changeEntryPoints(define({ c: at(a), a: at(b) }));
    assert.deepEqual([portOf(proxy, "c"), portOf(proxy, "a")], [a, b]);
    assert.deepEqual([await statusOf(proxy, "a"), await statusOf(proxy, "c")], [418, 418]);
  });
});

test("Proxy.changeEntryPoints() that can't open one of them leaves everything as it was", () =>
  takenPort((taken) =>
    withProxy({ web: anyPort, own: anyPort }, async (proxy) => {
      const before = proxy.addresses;
      const bad = define({
        web: { ...anyPort, http: { maxHeaderBytes: 2048 } },
        first: anyPort,
        bad: { address: `127.0.0.1:${taken}` },
      });
      await assert.rejects(proxy.changeEntryPoints(bad), { code: "listen-failed", message: new RegExp(String(taken)) });
      assert.deepEqual(proxy.addresses, before);
      assert.equal(await statusOf(proxy, "web"), 418);
      const large = { headers: { "X-Large": "a".repeat(3000) }, host: "a.test", port: portOf(proxy, "web") };
      assert.equal((await ask(large)).status, 418);
      await proxy.changeEntryPoints(define({ web: anyPort, own: anyPort, first: anyPort }));
      assert.equal(await statusOf(proxy, "first"), 418);
    })
  ));

test("Proxy.changeEntryPoints() moves redirections and their targets along", () => {
  const to = (name: string) => ({ redirections: { entryPoint: { to: name, scheme: "https" } } });
  return withProxy({ web: anyPort, secure: { address: "127.0.0.1:0" } }, async (proxy) => {
    assert.equal(await statusOf(proxy, "web"), 418);
    const port = portOf(proxy, "secure");
    for (const [target, wanted] of [["secure", "https://a.test/x"], [":8443", "https://a.test:8443/x"]] as const) {
      await proxy.changeEntryPoints(define({ web: { ...anyPort, http: to(target) }, secure: anyPort }));
      const answer = await ask({ port: portOf(proxy, "web"), host: "a.test", path: "/x" });
      assert.equal(answer.status, 301);
      assert.equal(String(answer.headers["location"]).replace("a.test:0", "a.test"), wanted);
    }
    assert.equal(portOf(proxy, "secure"), port);
    await proxy.changeEntryPoints(define({ web: anyPort, secure: anyPort }));
    assert.equal(await statusOf(proxy, "web"), 418);
  });
});

test("Proxy.changeEntryPoints() counts the connections of entry points that exist", () =>
  withProxy({ web: anyPort, own: anyPort }, async (proxy) => {
    const counted = async () => {
      const { body } = await ask({ port: portOf(proxy, "own"), host: "a.test", path: "/metrics" });
      return [...body.matchAll(/^traefik_open_connections\{entrypoint="(\w+)"/gm)].map(([, name]) => name);
    };
    assert.deepEqual((await counted()).sort(), ["own", "web"]);
    await proxy.changeEntryPoints(define({ other: anyPort, own: anyPort }));
    assert.deepEqual((await counted()).sort(), ["other", "own"]);
  }));

test("Proxy.changeEntryPoints() makes one change after the other", () =>
  withProxy({ web: anyPort }, async (proxy) => {
    const names = ["a", "b", "c"];
    await Promise.all(names.map((name) => proxy.changeEntryPoints(define({ web: anyPort, [name]: anyPort }))));
    assert.deepEqual(proxy.addresses.map(({ name }) => name), ["web", "c"]);
  }));

test("Proxy.changeEntryPoints() is refused when the proxy has stopped", async () => {
  let held: Proxy | undefined;
  await withProxy({ web: anyPort }, (proxy) => {
    held = proxy;
    return Promise.resolve();
  });
  await assert.rejects(held?.changeEntryPoints(define({ late: anyPort })) ?? assert.fail(), { code: "proxy-stopped" });
});
