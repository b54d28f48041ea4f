// The whole proxy over listeners in memory: start, stop, entry points opened later, what the API shows.

import { runtime } from "#runtime";
import assert from "node:assert/strict";
import { test } from "node:test";
import { entryPointAt } from "../../src/config/complete-static.ts";
import { staticSchema } from "../../src/config/static.ts";
import type { Connection } from "../../src/net/connection.ts";
import { ProxyError } from "../../src/net/error.ts";
import type { ListenOptions, Runtime } from "../../src/net/runtime.ts";
import { Proxy } from "../../src/proxy.ts";
import type { ProxyOptions } from "../../src/proxy.ts";
import type { Provider } from "../../src/provider/provider.ts";
import { MemoryConnection } from "../support/memory-connection.ts";
import { configuration, type Parts, router } from "./build/fakes.ts";
import { MemoryLogger, settled } from "./service/fakes.ts";

/** Listeners in memory; `open` holds the ports that are. */
class Ports {
  readonly open = new Map<number, (connection: Connection) => void>();
  readonly events: string[] = [];
  /** Ports that somebody else has. */
  readonly taken = new Set<number>();
  /** Waited for by each `listen`. */
  gate: Promise<void> = Promise.resolve();

  get runtime(): Runtime {
    return { ...runtime, fileLimit: 1_024, listen: (options, accept) => this.#listen(options, accept) };
  }

  async #listen({ host, port }: ListenOptions, accept: (connection: Connection) => void) {
    await this.gate;
    if (this.taken.has(port)) {
      throw new ProxyError(`${host}:${port} is taken`, { code: "listen-failed", source: "internal", status: 500 });
    }
    this.open.set(port, accept);
    this.events.push(`open ${port}`);
    const close = (): Promise<void> => {
      if (this.open.delete(port)) this.events.push(`close ${port}`);
      return Promise.resolve();
    };
    return { host, port, connections: 0, close };
  }

  /** What a GET gets: `200 body`. HTTP/1.0, so that the body comes as it is. */
  async get(port: number, path: string, host = "a.test"): Promise<string> {
    const theirs = new MemoryConnection();
    const ours = theirs.pair();
    const answer = Promise.withResolvers<string>();
    let text = "";
    theirs.handle({
      data: (chunk) => void (text += new TextDecoder().decode(chunk)),
      drain: () => undefined,
      end: () => theirs.end(),
      close: () => answer.resolve(text),
    });
    this.open.get(port)?.(ours);
    theirs.write(`GET ${path} HTTP/1.0\r\nHost: ${host}\r\n\r\n`);
    const [head = "", body = ""] = (await answer.promise).split("\r\n\r\n");
    return `${head.split(" ")[1]} ${body}`.trim();
  }
}

class TestProvider implements Provider {
  readonly name = "test";
  readonly events: string[];
  readonly #parts: Parts;
  stopped: Promise<void> = Promise.resolve();
  /** The first state is told no sooner. */
  told: Promise<void> | undefined = undefined;

  constructor(parts: Parts, events: string[]) {
    this.#parts = parts;
    this.events = events;
  }

  start(update: Parameters<Provider["start"]>[0]): void {
    this.events.push("provider starts");
    const tell = () => update({ configuration: configuration(this.#parts), problems: [] });
    if (this.told === undefined) tell();
    else void this.told.then(tell);
  }

  stop(): Promise<void> {
    this.events.push("provider stops");
    return this.stopped;
  }
}

const parts: Parts = {
  routers: {
    r: { ...router("a.test", "noop@internal"), displayName: "default-r" },
    extra: router("a.test", "noop@internal", { entryPoints: ["extra"] }),
    closed: router("b.test", "gone"),
  },
};

function create(
  ports: Ports,
  more: Record<string, unknown> = {},
): { proxy: Proxy; provider: TestProvider; logger: MemoryLogger } {
  const provider = new TestProvider(parts, ports.events);
  const logger = new MemoryLogger();
  const config = staticSchema.parse({
    entryPoints: { web: { address: "127.0.0.1:81" }, traefik: { address: "127.0.0.1:82" } },
    api: { insecure: true },
    ping: {},
    ...more,
  });
  const options: ProxyOptions = { runtime: ports.runtime, config, logger, version: "1.2.3", providers: [provider] };
  return { proxy: new Proxy(options), provider, logger };
}

test("Proxy.start() opens the entry points, then serves what providers tell", async () => {
  const ports = new Ports();
  const { proxy } = create(ports);
  await proxy.start();
  assert.deepEqual(ports.events, ["open 81", "open 82", "provider starts"]);
  assert.deepEqual(proxy.addresses.map(({ name, port }) => `${name}=${port}`), ["web=81", "traefik=82"]);
  assert.equal(await ports.get(81, "/"), "418");
  assert.equal(await ports.get(81, "/", "b.test"), "503 Service Unavailable");
  assert.equal(await ports.get(81, "/", "c.test"), "404 404 page not found");
  assert.equal(await ports.get(82, "/ping"), "200 OK");
  await proxy.stop();
});

test("Proxy answers ping with 503 until the first states of all providers are in force", async () => {
  const ports = new Ports();
  const { proxy, provider } = create(ports);
  const first = Promise.withResolvers<void>();
  provider.told = first.promise;
  const started = proxy.start();
  const turn = () => new Promise((resolve) => setTimeout(resolve)); // of the event loop: the first build waits for one
  while (!ports.events.includes("provider starts")) await turn();
  const waiting = "503 weir starts: waiting for the first configuration of test";
  while (await ports.get(82, "/ping") !== waiting) await turn();
  assert.equal(await ports.get(81, "/"), "404 404 page not found");
  first.resolve();
  await started;
  assert.equal(await ports.get(82, "/ping"), "200 OK");
  assert.equal(await ports.get(81, "/"), "418");
  await proxy.stop();
});

test("Proxy.start() closes what it opened when an entry point can't be opened", async () => {
  const ports = new Ports();
  ports.taken.add(82);
  const { proxy, provider } = create(ports);
  await assert.rejects(proxy.start(), { code: "listen-failed", message: /127\.0\.0\.1:82 is taken/ });
  assert.deepEqual([...ports.open], []);
  assert.ok(!provider.events.includes("provider starts"));
  await proxy.stop();
});

test("Proxy.start() refuses two providers of one name", () => {
  const ports = new Ports();
  assert.throws(() => {
    new Proxy({
      runtime: ports.runtime,
      config: staticSchema.parse({}),
      logger: new MemoryLogger(),
      version: "0",
      providers: [new TestProvider({}, []), new TestProvider({}, [])],
    });
  }, { code: "duplicate-provider" });
});

test("Proxy.stop() tells ping first, closes entry points whatever providers do, and is done once", async () => {
  const ports = new Ports();
  const { proxy, provider } = create(ports);
  await proxy.start();
  const hang = Promise.withResolvers<void>();
  provider.stopped = hang.promise;
  ports.events.length = 0;
  const stopped = proxy.stop();
  assert.equal(proxy.stop(), stopped);
  await settled();
  assert.deepEqual(ports.events, ["provider stops", "close 81", "close 82"]);
  hang.resolve();
  await stopped;
  assert.equal(ports.events.length, 3);
});

test("Proxy.stop() lets requests in for the grace time, while ping says no", async () => {
  const ports = new Ports();
  const lifeCycle = { lifeCycle: { requestAcceptGraceTimeout: "50ms" } };
  const { proxy } = create(ports, {
    entryPoints: { web: { address: "127.0.0.1:81", transport: lifeCycle }, traefik: { address: "127.0.0.1:82" } },
  });
  await proxy.start();
  const stopped = proxy.stop();
  assert.match(await ports.get(82, "/ping"), /^503/);
  assert.match(await ports.get(81, "/"), /^418/);
  await stopped;
  assert.equal(ports.open.size, 0);
});

test("Proxy.stop() leaves no listener behind that opens meanwhile", async () => {
  const ports = new Ports();
  const gate = Promise.withResolvers<void>();
  ports.gate = gate.promise;
  const { proxy } = create(ports);
  const started = assert.rejects(proxy.start(), { code: "proxy-stopped" });
  const stopped = proxy.stop();
  gate.resolve();
  await Promise.all([started, stopped]);
  assert.equal(ports.open.size, 0);
  await assert.rejects(proxy.addEntryPoint("late", entryPointAt("127.0.0.1:83")), { code: "proxy-stopped" });
  assert.equal(ports.open.size, 0);
});

test("Proxy.addEntryPoint() opens one more and gives it its routers", async () => {
  const ports = new Ports();
  const { proxy, logger } = create(ports);
  await proxy.addEntryPoint("early", entryPointAt("127.0.0.1:84"));
  await proxy.start();
  assert.match(await ports.get(84, "/"), /^418/);
  assert.match(logger.at("error").join("\n"), /there is no entry point extra/);
  const place = await proxy.addEntryPoint("extra", entryPointAt("127.0.0.1:83"));
  assert.deepEqual(place, { name: "extra", protocol: "tcp", host: "127.0.0.1", port: 83 });
  assert.match(await ports.get(83, "/"), /^418/);
  assert.deepEqual(proxy.table?.status.routers.find(({ key }) => key === "extra@test")?.using, ["extra"]);
  await assert.rejects(proxy.addEntryPoint("web", entryPointAt("127.0.0.1:85")), { code: "duplicate-entry-point" });
  await proxy.stop();
  assert.equal(ports.open.size, 0);
});

test("Proxy.addEntryPoint() that fails leaves no trace, and may be tried again", async () => {
  const ports = new Ports();
  const { proxy } = create(ports, { metrics: { prometheus: {} } });
  await proxy.start();
  ports.taken.add(83);
  await assert.rejects(proxy.addEntryPoint("extra", entryPointAt("127.0.0.1:83")), { code: "listen-failed" });
  await assert.rejects(proxy.addEntryPoint("udp", entryPointAt("192.0.2.1:84/udp")), { code: "listen-failed" });
  assert.doesNotMatch(await ports.get(82, "/metrics"), /entrypoint="(?:extra|udp)"/);
  assert.deepEqual(JSON.parse((await ports.get(82, "/api/entrypoints")).slice(4)).map(nameOf), ["web", "traefik"]);
  ports.taken.delete(83);
  await proxy.addEntryPoint("extra", entryPointAt("127.0.0.1:83"));
  assert.match(await ports.get(83, "/"), /^418/);
  await proxy.stop();
});

test("Proxy shows what is in force through the API", async () => {
  const ports = new Ports();
  const { proxy } = create(ports);
  await proxy.start();
  const ask = async (path: string) => JSON.parse((await ports.get(82, path)).slice(4));
  const routers = await ask("/api/http/routers");
  const seen = routers.map(({ name, status, using, entryPoints }: Record<string, unknown>) => ({
    name,
    status,
    using,
    entryPoints,
  }));
  assert.deepEqual(seen.filter(({ name }: { name: string }) => name.endsWith("@test")), [
    { name: "closed@test", status: "disabled", using: ["web"], entryPoints: ["web"] },
    { name: "default-r@test", status: "enabled", using: ["web"], entryPoints: ["web"] },
    { name: "extra@test", status: "disabled", using: [], entryPoints: ["extra"] },
  ]);
  assert.equal((await ask("/api/version")).Version, "1.2.3");
  assert.deepEqual((await ask("/api/overview")).providers, ["test"]);
  const problems: readonly { readonly message: string }[] = await ask("/api/problems");
  assert.deepEqual(problems.map(({ message }) => message.replace(/:.*/, "")).sort(), [
    "router closed@test",
    "router extra@test",
  ]);
  await proxy.stop();
});

function nameOf({ name }: { readonly name: string }): string {
  return name;
}
