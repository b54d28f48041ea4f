// When providers' states become tables, and what is logged of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RoutingTable } from "../../../src/build/build.ts";
import { ConfigurationWatcher } from "../../../src/control/watcher.ts";
import type { Provider, ProviderState } from "../../../src/provider/provider.ts";
import type { Problem } from "../../../src/schema/problem.ts";
import { configuration, type Parts, router, Workshop } from "../build/fakes.ts";
import { loadBalancer } from "../service/fakes.ts";

/** A provider whose states the test sends. */
class ScriptedProvider implements Provider {
  readonly name: string;
  readonly calls: string[] = [];
  failsToStop = false;
  failsToStart = false;
  #update: ((state: ProviderState) => void) | undefined = undefined;
  readonly #first: Parts | undefined;

  constructor(name: string, first?: Parts) {
    this.name = name;
    this.#first = first;
  }

  start(update: (state: ProviderState) => void): void {
    this.calls.push("start");
    if (this.failsToStart) throw new Error("no such folder");
    this.#update = update;
    if (this.#first !== undefined) this.tell(this.#first);
  }

  stop(): Promise<void> {
    this.calls.push("stop");
    return this.failsToStop ? Promise.reject(new Error("stuck")) : Promise.resolve();
  }

  reload(): void {
    this.calls.push("reload");
  }

  tell(parts: Parts, problems: readonly Problem[] = []): void {
    this.#update?.({ configuration: configuration(parts), problems });
  }
}

/** A watcher and what came of it. */
class Bench {
  readonly shop: Workshop;
  readonly tables: RoutingTable[] = [];
  readonly times: number[] = [];
  readonly outcomes: boolean[] = [];
  readonly watcher: ConfigurationWatcher;
  #wake: () => void = () => undefined;

  constructor(providers: readonly Provider[], throttleMs = 0, shop = new Workshop(), patienceMs = 10_000) {
    this.shop = shop;
    this.watcher = new ConfigurationWatcher({
      providers,
      build: shop.context,
      logger: shop.logger,
      throttleMs,
      patienceMs,
      swap: (table) => {
        this.tables.push(table);
        this.times.push(performance.now());
      },
      built: (ok) => {
        this.outcomes.push(ok);
        this.#wake();
      },
    });
  }

  /** Names of the routers in force. */
  get routers(): string {
    return (this.tables.at(-1)?.status.routers ?? []).map(({ key }) => key).join(" ");
  }

  async until(fits: () => boolean): Promise<void> {
    while (!fits()) await new Promise<void>((resolve) => this.#wake = resolve);
  }
}

const services = { s: loadBalancer(["http://one:80"]) };

function routers(...names: readonly string[]): Parts {
  return { routers: Object.fromEntries(names.map((name) => [name, router(`${name}.test`, "s")])), services };
}

const problem: Problem = { severity: "error", code: "bad", message: "something is bad" };

test("ConfigurationWatcher.start() resolves when all providers have told their first state, with one build of all", async () => {
  const first = new ScriptedProvider("a", routers("x"));
  const second = new ScriptedProvider("b");
  const bench = new Bench([first, second], 60_000);
  const started = bench.watcher.start();
  second.tell(routers("y"));
  await started;
  assert.equal(bench.routers, "x@a y@b");
  assert.equal(bench.tables.length, 1);
  await bench.watcher.stop();
});

test("ConfigurationWatcher.awaited names who is silent until all of it is in force, or patience is over", async () => {
  const quick = new ScriptedProvider("quick", routers("x"));
  const slow = new ScriptedProvider("slow");
  const bench = new Bench([quick, slow]);
  assert.deepEqual(bench.watcher.awaited, ["quick", "slow"]);
  const started = bench.watcher.start();
  await bench.until(() => bench.routers === "x@quick");
  assert.deepEqual(bench.watcher.awaited, ["slow"]);
  slow.tell(routers("y"));
  assert.deepEqual(bench.watcher.awaited, [], "told, and not in force yet");
  await started;
  assert.deepEqual([bench.watcher.awaited, bench.routers], [undefined, "x@quick y@slow"]);
  await bench.watcher.stop();

  const impatient = new Bench([quick, new ScriptedProvider("mute")], 0, new Workshop(), 20);
  await impatient.watcher.start();
  assert.deepEqual([impatient.watcher.awaited, impatient.routers], [undefined, "x@quick"]);
  await impatient.watcher.stop();
});

test("ConfigurationWatcher builds nothing before somebody has told something", async () => {
  const slow = new ScriptedProvider("slow");
  const bench = new Bench([slow]);
  const started = bench.watcher.start();
  bench.watcher.rebuild();
  assert.equal(bench.tables.length, 0);
  slow.tell(routers("x"));
  await started;
  assert.deepEqual([bench.tables.length, bench.routers], [1, "x@slow"]);
  await bench.watcher.stop();
});

test("ConfigurationWatcher serves what it has while a provider keeps silent", async () => {
  const quick = new ScriptedProvider("quick", routers("x"));
  const silent = new ScriptedProvider("silent");
  const bench = new Bench([quick, silent]);
  const started = bench.watcher.start();
  quick.tell(routers("x"), [problem]); // the other's state may mend it
  await bench.until(() => bench.routers === "x@quick");
  assert.deepEqual(bench.shop.logger.at("error"), []);
  quick.tell(routers("x"), [{ ...problem, message: "something is still bad" }]);
  silent.tell(routers("y"));
  await started;
  assert.equal(bench.routers, "x@quick y@silent");
  assert.deepEqual(bench.shop.logger.at("error"), ["something is still bad"]);
  await bench.watcher.stop();
});

test("ConfigurationWatcher.start() needs no provider", async () => {
  const bench = new Bench([]);
  await bench.watcher.start();
  assert.deepEqual(bench.outcomes, [true]);
  await bench.watcher.stop();
});

test("ConfigurationWatcher builds a first change at once, a burst of them once, and never loses the last", async () => {
  const throttleMs = 40;
  const provider = new ScriptedProvider("p", routers("r0"));
  const bench = new Bench([provider], throttleMs);
  await bench.watcher.start();
  for (let at = 1; at <= 200; at++) {
    provider.tell(routers(`r${at}`));
    if (at % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  provider.tell(routers("last"));
  await bench.until(() => bench.routers === "last@p");
  for (const [at, time] of bench.times.entries()) {
    const before = bench.times[at - 1];
    if (before !== undefined) assert.ok(time - before >= throttleMs - 2, `${time - before} ms between two builds`);
  }
  assert.ok(bench.tables.length < 20);
  await bench.watcher.stop();
});

test("ConfigurationWatcher.rebuild() waits for nothing", async () => {
  const bench = new Bench([new ScriptedProvider("p", routers("x"))], 60_000);
  await bench.watcher.start();
  bench.watcher.rebuild();
  assert.equal(bench.tables.length, 2);
  await bench.watcher.stop();
});

test("ConfigurationWatcher logs a problem when it appears, once, and again when it comes back", async () => {
  const provider = new ScriptedProvider("p", routers("x"));
  const bench = new Bench([provider]);
  await bench.watcher.start();
  const logged = () => bench.shop.logger.at("error").filter((line) => line === problem.message).length;
  const steps: readonly (readonly [problems: readonly Problem[], logged: number])[] = [
    [[problem, problem], 1],
    [[problem], 1],
    [[{ ...problem, hint: "known here: a" }], 1],
    [[{ ...problem, hint: "known here: a, b" }], 1],
    [[], 1],
    [[problem], 2],
    [[problem, { ...problem, severity: "warning" }], 2],
  ];
  for (const [at, [problems, count]] of steps.entries()) {
    provider.tell(routers(`r${at}`), problems);
    await bench.until(() => bench.routers === `r${at}@p`);
    assert.equal(logged(), count, `step ${at}`);
  }
  assert.deepEqual(bench.shop.logger.at("warn"), [problem.message]);
  await bench.watcher.stop();
});

test("ConfigurationWatcher keeps the table in force when a build fails, and builds the next change", async () => {
  let fails = false;
  const shop = new Workshop({
    entryPoints: () => {
      if (fails) throw new TypeError("a mistake");
      return [{ name: "web", isDefault: true, middlewares: [] }];
    },
  });
  const provider = new ScriptedProvider("p", routers("x"));
  const bench = new Bench([provider], 0, shop);
  await bench.watcher.start();
  const { size } = shop.state;
  fails = true;
  provider.tell(routers("y"));
  await bench.until(() => bench.outcomes.length === 2);
  assert.deepEqual([bench.outcomes, bench.routers, shop.state.size], [[true, false], "x@p", size]);
  assert.equal(shop.logger.at("error").length, 1);
  fails = false;
  provider.tell(routers("z"));
  await bench.until(() => bench.routers === "z@p");
  await bench.watcher.stop();
});

test("ConfigurationWatcher goes on without a provider that can't be started", async () => {
  const broken = new ScriptedProvider("broken");
  broken.failsToStart = true;
  const bench = new Bench([broken, new ScriptedProvider("p", routers("x"))]);
  await bench.watcher.start();
  assert.equal(bench.routers, "x@p");
  assert.deepEqual(bench.shop.logger.at("error"), ["a provider could not be started"]);
  await bench.watcher.stop();
});

test("ConfigurationWatcher.stop() ends the wait of start(), builds no more, and survives a provider that fails", async () => {
  const stuck = new ScriptedProvider("stuck");
  stuck.failsToStop = true;
  const other = new ScriptedProvider("other", routers("x"));
  const bench = new Bench([stuck, other], 60_000);
  const started = bench.watcher.start();
  await bench.watcher.stop();
  await started;
  other.tell(routers("y"));
  bench.watcher.rebuild();
  assert.deepEqual(bench.tables, []);
  assert.deepEqual([stuck.calls, other.calls], [["start", "stop"], ["start", "stop"]]);
});

test("ConfigurationWatcher.reload() tells all providers", async () => {
  const provider = new ScriptedProvider("p", routers("x"));
  const deaf: Provider = {
    name: "deaf",
    start: (update) => update({ configuration: configuration({}), problems: [] }),
    stop: () => Promise.resolve(),
  };
  const bench = new Bench([provider, deaf]);
  await bench.watcher.start();
  bench.watcher.reload();
  assert.deepEqual(provider.calls, ["start", "reload"]);
  await bench.watcher.stop();
});

test("ConfigurationWatcher refuses two providers of one name", () => {
  assert.throws(
    () => new Bench([new ScriptedProvider("p"), new ScriptedProvider("p")]),
    /two providers are called "p"/,
  );
});
