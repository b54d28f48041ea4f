// `weir` as a process sees it: ready line, exit codes, and what signals do.

import { runtime } from "#runtime";
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runProxy } from "../../../src/command/run.ts";
import type { Runtime, Signal } from "../../../src/net/runtime.ts";

/** A process without a process: its signals and its output are the test's. */
class FakeProcess {
  readonly runtime: Runtime;
  readonly #handlers = new Map<Signal, () => void>();
  #output = "";
  /** What went to standard output. */
  stdout = "";
  #wake: () => void = () => undefined;

  constructor() {
    const tell = (text: string): void => {
      this.#output += text;
      this.#wake();
    };
    this.runtime = {
      ...runtime,
      env: {},
      gaps: [],
      stdout: (text) => {
        this.stdout += text;
        tell(text);
      },
      stderr: tell,
      onUncaught: () => undefined,
      onSignal: (signal, handler) => {
        this.#handlers.set(signal, handler);
        return () => this.#handlers.delete(signal);
      },
    };
  }

  get output(): string {
    return this.#output;
  }

  signal(signal: Signal): void {
    this.#handlers.get(signal)?.();
  }

  /** What the output says, as soon as it does. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#output);
      if (found !== null) return found;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

function routes(host: string): string {
  return `http:\n  routers:\n    r: { rule: "Host(\`${host}\`)", service: noop@internal }\n`;
}

async function withFile(use: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "weir-run-"));
  try {
    await use(join(folder, "dynamic.yaml"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function statusOf(port: string, host: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/host-is-${host}`);
  await response.text();
  return response.status;
}

test("runProxy() reads the configuration again at SIGHUP, and ends at SIGTERM with code 0", async () => {
  await withFile(async (file) => {
    await writeFile(file, routes("other.test"));
    const process = new FakeProcess();
    const over = runProxy(process.runtime, [
      "--entrypoints.web.address=127.0.0.1:0",
      `--providers.file.filename=${file}`,
      "--providers.file.watch=false",
      "--providers.providersthrottleduration=0",
      "--log.level=DEBUG",
    ]);
    const [, port = ""] = await process.until(/weir ready: web=127\.0\.0\.1:(\d+)/);
    assert.equal(await statusOf(port, "x"), 404);
    await writeFile(file, routes("127.0.0.1"));
    const applied = process.output.split("configuration applied").length;
    process.signal("SIGHUP");
    // The start-up options are read again, too: a build may come before that of the file.
    for (let count = applied; await statusOf(port, "x") !== 418; count++) {
      await process.until(new RegExp(`(?:configuration applied[^]*){${count}}`));
    }
    process.signal("SIGTERM");
    assert.equal(await over, 0);
    assert.match(process.output, /weir stops/);
  });
});

const refusals: readonly (readonly [title: string, args: readonly string[], output: RegExp])[] = [
  ["an unknown option", ["--entrypoint.web.address=:0"], /unknown .*entrypoint/i],
  ["an address that can't be opened", ["--entrypoints.web.address=192.0.2.1:1"], /192\.0\.2\.1:1/],
];

for (const [title, args, output] of refusals) {
  test(`runProxy() ends with code 1 for ${title}, and says why`, async () => {
    const process = new FakeProcess();
    assert.equal(await runProxy(process.runtime, args), 1);
    assert.match(process.output, output);
    assert.doesNotMatch(process.output, /weir ready/);
  });
}

test("runProxy() writes nothing but JSON lines to standard output when the log is JSON", async () => {
  const process = new FakeProcess();
  const over = runProxy(process.runtime, [
    "--entrypoints.web.address=127.0.0.1:0",
    "--log.format=json",
    "--log.level=INFO",
  ]);
  await process.until(/^weir ready: web=127/m);
  process.signal("SIGTERM");
  assert.equal(await over, 0);
  const lines = process.stdout.trimEnd().split("\n");
  assert.deepEqual(lines.map((line) => typeof JSON.parse(line)), lines.map(() => "object"));
  assert.match(process.stdout, /weir stops/);
});

for (const isTerminal of [true, false]) {
  test(`runProxy() ${isTerminal ? "colours the log on" : "uses no colours without"} a terminal`, async () => {
    const process = new FakeProcess();
    const over = runProxy({ ...process.runtime, isTerminal }, [
      "--entrypoints.web.address=127.0.0.1:0",
      "--log.level=INFO",
    ]);
    await process.until(/weir ready/);
    process.signal("SIGTERM");
    await over;
    assert.equal(process.stdout.includes("\u001b["), isTerminal);
  });
}
