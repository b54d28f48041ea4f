// The file provider on real files: what it reads, what it keeps, and what it follows.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runtime } from "#runtime";
import { createFileProvider } from "../../../../src/provider/file/file-provider.ts";
import type { FileProviderOptions } from "../../../../src/provider/file/file-provider.ts";
import type { Provider, ProviderState } from "../../../../src/provider/provider.ts";

/** A started provider whose states can be waited for. */
class Probe {
  readonly folder: string;
  readonly #states: ProviderState[] = [];
  #wake: () => void = () => {};

  constructor(folder: string) {
    this.folder = folder;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async run(options: Partial<FileProviderOptions>, work: (provider: Provider) => Promise<void>): Promise<void> {
    const provider = createFileProvider({ directory: this.folder, watch: true, ...options }, runtime);
    provider.start((state) => {
      this.#states.push(state);
      this.#wake();
    });
    try {
      await work(provider);
    } finally {
      await provider.stop();
    }
  }

  /** The first state from now on, or the latest one, that fits. */
  async until(fits: (state: ProviderState) => boolean): Promise<ProviderState> {
    for (;;) {
      const last = this.#states.at(-1);
      if (last !== undefined && fits(last)) return last;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

async function withFolder(work: (probe: Probe) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "weir-file-"));
  try {
    await work(new Probe(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function router(name: string, service = "app"): string {
  return `http:\n  routers:\n    ${name}:\n      rule: Path(\`/${name}\`)\n      service: ${service}\n`;
}

function names(state: ProviderState): string {
  return Object.keys(state.configuration.http.routers).toSorted().join(" ");
}

/** Saves as careful programs do: all at once. */
async function save(path: string, text: string): Promise<void> {
  await writeFile(`${path}.tmp`, text);
  await rename(`${path}.tmp`, path);
}

test("createFileProvider() reads a folder recursively, in all formats", async () => {
  await withFolder(async (probe) => {
    await mkdir(probe.path("deep"));
    await writeFile(probe.path("a.yaml"), router("yaml"));
    await writeFile(probe.path("b.yml"), router("yml"));
    await writeFile(probe.path("c.toml"), '[http.routers.toml]\nrule = "Path(`/toml`)"\nservice = "app"\n');
    await writeFile(probe.path("deep/d.json"), '{\n\t"http": {"routers": {"json": {"rule": "x", "service": "y"}}}}');
    await writeFile(probe.path("README.md"), "not configuration");
    await probe.run({ watch: false }, async () => {
      const state = await probe.until(() => true);
      assert.equal(names(state), "json toml yaml yml");
      assert.deepEqual(state.problems, []);
    });
  });
});

test("createFileProvider() follows changed, new and deleted files", async () => {
  await withFolder(async (probe) => {
    await save(probe.path("a.yaml"), router("one"));
    await probe.run({}, async () => {
      await probe.until((state) => names(state) === "one");
      await save(probe.path("a.yaml"), router("two"));
      await probe.until((state) => names(state) === "two");
      await save(probe.path("b.yaml"), router("three"));
      await probe.until((state) => names(state) === "three two");
      await unlink(probe.path("a.yaml"));
      await probe.until((state) => names(state) === "three");
    });
  });
});

test("createFileProvider() keeps the last good version of a broken file and follows the others", async () => {
  await withFolder(async (probe) => {
    await save(probe.path("a.yaml"), router("one"));
    await save(probe.path("b.yaml"), router("two"));
    await probe.run({}, async () => {
      await probe.until((state) => names(state) === "one two");
      await save(probe.path("a.yaml"), "http:\n  routers: [\n");
      const broken = await probe.until((state) => state.problems.length > 0);
      assert.equal(names(broken), "one two");
      assert.match(broken.problems[0]?.message ?? "", /the last good version of the file stays in force/);
      const source = broken.problems[0]?.source;
      assert.ok(source?.type === "file" && source.file.endsWith("a.yaml") && source.line !== undefined);
      await save(probe.path("b.yaml"), router("three"));
      await probe.until((state) => names(state) === "one three");
      await save(probe.path("a.yaml"), router("four"));
      const mended = await probe.until((state) => names(state) === "four three");
      assert.deepEqual(mended.problems, []);
    });
  });
});

test("createFileProvider() reads the good documents of a file that is broken from the start", async () => {
  await withFolder(async (probe) => {
    await save(probe.path("a.yaml"), `${router("one")}---\nhttp: [\n---\n${router("two")}`);
    await probe.run({ watch: false }, async () => {
      const state = await probe.until(() => true);
      assert.equal(names(state), "one two");
      assert.deepEqual(state.problems.map((problem) => problem.code), ["syntax"]);
    });
  });
});

test("createFileProvider() gives the parts of unchanged files again, the same objects", async () => {
  await withFolder(async (probe) => {
    await save(probe.path("a.yaml"), router("one"));
    await save(probe.path("b.yaml"), router("two"));
    await probe.run({}, async () => {
      const first = (await probe.until((state) => names(state) === "one two")).configuration.http.routers;
      await save(probe.path("b.yaml"), "http: [");
      const broken = (await probe.until((state) => state.problems.length === 1)).configuration.http.routers;
      await save(probe.path("b.yaml"), router("two") + router("three").split("\n").slice(2).join("\n"));
      const after = (await probe.until((state) => names(state) === "one three two")).configuration.http.routers;
      assert.equal(broken["two"], first["two"]);
      assert.equal(after["one"], first["one"]);
      assert.notEqual(after["two"], first["two"]);
    });
  });
});

test("createFileProvider() lets the first file win a name", async () => {
  await withFolder(async (probe) => {
    await save(probe.path("b.yaml"), router("web", "second"));
    await save(probe.path("a.yaml"), router("web", "first"));
    await probe.run({ watch: false }, async () => {
      const state = await probe.until(() => true);
      assert.equal(state.configuration.http.routers["web"]?.service, "first");
      assert.deepEqual(state.problems.map((problem) => problem.code), ["duplicate-name"]);
      assert.match(state.problems[0]?.message ?? "", /already defined in .*a\.yaml:3:5/);
    });
  });
});

test("createFileProvider() reads one file, and waits for it when it is missing", async () => {
  await withFolder(async (probe) => {
    const filename = probe.path("dynamic.yml");
    await probe.run({ filename }, async () => {
      const missing = await probe.until(() => true);
      assert.deepEqual(missing.problems.map((problem) => problem.code), ["unreadable"]);
      await save(filename, router("late"));
      const state = await probe.until((candidate) => names(candidate) === "late");
      assert.deepEqual(state.problems, []);
      await unlink(filename);
      const gone = await probe.until((candidate) => candidate.problems.length > 0);
      assert.equal(names(gone), "late");
    });
  });
});

test("createFileProvider() keeps everything while its folder is gone", async () => {
  await withFolder(async (probe) => {
    const directory = probe.path("conf");
    await mkdir(directory);
    await save(join(directory, "a.yaml"), router("one"));
    await probe.run({ directory }, async () => {
      await probe.until((state) => names(state) === "one");
      await rename(directory, probe.path("away"));
      const gone = await probe.until((state) => state.problems.length > 0);
      assert.equal(names(gone), "one");
    });
  });
});

test("createFileProvider() follows the symbolic links of a mounted ConfigMap", async () => {
  await withFolder(async (probe) => {
    const publish = async (generation: string, text: string): Promise<void> => {
      await mkdir(probe.path(generation));
      await writeFile(probe.path(`${generation}/a.yaml`), text);
      await symlink(generation, probe.path("..data_tmp"));
      await rename(probe.path("..data_tmp"), probe.path("..data"));
    };
    await publish("..1", router("one"));
    await symlink("..data/a.yaml", probe.path("a.yaml"));
    await probe.run({}, async () => {
      const first = await probe.until((state) => names(state) === "one");
      assert.deepEqual(first.problems, []);
      await publish("..2", router("two"));
      await probe.until((state) => names(state) === "two");
    });
  });
});

test("createFileProvider() reads its files again when told to reload, watched or not", async () => {
  await withFolder(async (probe) => {
    await save(probe.path("a.yaml"), router("one"));
    await probe.run({ watch: false }, async (provider) => {
      await probe.until((state) => names(state) === "one");
      await save(probe.path("a.yaml"), router("two"));
      provider.reload?.();
      await probe.until((state) => names(state) === "two");
    });
  });
});

test("createFileProvider() does not watch when told so, and is silent after stop()", async () => {
  await withFolder(async (probe) => {
    await save(probe.path("a.yaml"), router("one"));
    let updates = 0;
    const provider = createFileProvider({ directory: probe.folder, watch: false }, runtime);
    await new Promise<void>((resolve) =>
      provider.start(() => {
        updates++;
        resolve();
      })
    );
    await provider.stop();
    await save(probe.path("a.yaml"), router("two"));
    assert.equal(updates, 1);
  });
});
