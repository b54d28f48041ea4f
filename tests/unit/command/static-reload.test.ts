// Start-up options read again: what follows, what waits for a restart, and what a broken file leaves.

import { runtime } from "#runtime";
import assert from "node:assert/strict";
import { test } from "node:test";
import { changedOptions, StaticReload } from "../../../src/command/static-reload.ts";
import { loadStatic } from "../../../src/config/load-static.ts";
import type { EntryPointChange } from "../../../src/control/entry-point-set.ts";
import { ProxyError } from "../../../src/net/error.ts";
import { MemoryLogger } from "../service/fakes.ts";

const PATH = "/etc/weir.yml";
const nothing: EntryPointChange = { opened: [], closed: [], changed: [], unchanged: [] };

/** A file that tests write, and a proxy that remembers what it was told. */
class Bench {
  text: string;
  readonly logger = new MemoryLogger();
  readonly told: string[] = [];
  answer: () => Promise<EntryPointChange> = () => Promise.resolve(nothing);
  watchers = 0;
  changed: () => void = () => undefined;
  readonly #reload: StaticReload;

  private constructor(text: string, make: (bench: Bench) => StaticReload) {
    this.text = text;
    this.#reload = make(this);
  }

  static async start(text: string): Promise<Bench> {
    const held: { bench?: Bench } = {};
    const files = {
      ...runtime.files,
      exists: (path: string) => Promise.resolve(path === PATH),
      readText: () => Promise.resolve(held.bench?.text ?? text),
      watch: (_: string, changed: () => void) => {
        if (held.bench !== undefined) held.bench.changed = changed;
        return () => undefined;
      },
    };
    const parts = { env: {}, files };
    const args = [`--configFile=${PATH}`];
    const loaded = await loadStatic(parts, args);
    const { configuration } = loaded;
    if (configuration === undefined) throw new Error("the first configuration must be right");
    const bench = new Bench(text, (self) => {
      held.bench = self;
      const proxy = {
        changeEntryPoints: (definitions: object) => {
          self.told.push(Object.keys(definitions).join());
          return self.answer();
        },
      };
      return new StaticReload({ runtime: parts, args, logger: self.logger, proxy }, loaded, configuration);
    });
    return bench;
  }

  async write(text: string): Promise<void> {
    this.text = text;
    await this.#reload.reload();
  }

  reload(): Promise<void> {
    return this.#reload.reload();
  }

  stop(): Promise<void> {
    return this.#reload.stop();
  }
}

const web = 'entryPoints: {web: {address: "127.0.0.1:0"}';

test("StaticReload tells the proxy which entry points there are, at a change of the file", async () => {
  const bench = await Bench.start(`${web}}\n`);
  bench.text = `${web}, more: {address: ":81"}}\n`;
  bench.changed();
  await bench.stop();
  await bench.reload();
  assert.deepEqual(bench.told, []);
  const other = await Bench.start(`${web}}\n`);
  other.text = `${web}, more: {address: ":81"}}\n`;
  other.changed();
  await other.reload();
  assert.deepEqual(other.told, ["web,more"]);
});

test("StaticReload leaves everything as it is when the file is wrong, and says what is wrong once", async () => {
  const bench = await Bench.start(`${web}}\n`);
  for (let time = 0; time < 2; time++) await bench.write(`${web}, bad: {address: "nowhere"}}\n`);
  assert.deepEqual(bench.told, []);
  const errors = bench.logger.at("error");
  assert.equal(errors.filter((line) => /must be "\[host\]:port/.test(line)).length, 1, errors.join("\n"));
  assert.equal(errors.filter((line) => /entry points stay as they are/.test(line)).length, 2);
});

test("StaticReload names the options that need a restart, once", async () => {
  const bench = await Bench.start(`${web}}\n`);
  const changed = `${web}}\nlog: {level: DEBUG}\nping: {}\n`;
  await bench.write(changed);
  await bench.write(changed);
  const warnings = bench.logger.at("warn").filter((line) => /need a restart/.test(line));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /log\.level, ping|ping, log\.level/);
  assert.deepEqual(bench.told, ["web,traefik", "web,traefik"]);
});

test("StaticReload logs what a change has done, and what it has not", async () => {
  const bench = await Bench.start(`${web}}\n`);
  const place = { name: "web", protocol: "tcp", host: "::1", port: 80 } as const;
  bench.answer = () =>
    Promise.resolve({
      opened: [{ ...place, name: "a" }],
      changed: [place],
      closed: ["old"],
      unchanged: ["web.reusePort"],
    });
  await bench.reload();
  assert.match(bench.logger.at("info").join("\n"), /a is open[^]*web has changed[^]*old is closed/);
  assert.match(bench.logger.at("warn").join("\n"), /entryPoints\.web\.reusePort/);
  const taken = { code: "listen-failed", source: "internal", status: 500 } as const;
  bench.answer = () => Promise.reject(new ProxyError("listen on :80: taken", taken));
  await bench.reload();
  assert.match(bench.logger.at("error").join("\n"), /listen on :80: taken; all entry points stay as they are/);
});

const differences: readonly (readonly [before: unknown, after: unknown, options: readonly string[]])[] = [
  [{ a: 1 }, { a: 1 }, []],
  [{ a: 1 }, { a: 2 }, ["a"]],
  [{ a: { b: 1, c: [1] } }, { a: { b: 1, c: [1, 2] } }, ["a.c"]],
  [{}, { a: { b: 1 } }, ["a"]],
  [{ a: { b: 1 } }, { a: {} }, ["a.b"]],
];

for (const [before, after, options] of differences) {
  test(`changedOptions() ${JSON.stringify(before)} → ${JSON.stringify(after)}`, () => {
    assert.deepEqual(changedOptions(before, after), options);
  });
}
