// Files: reading, listing, watching (renames and ConfigMap swaps included) and appending.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runtime } from "#runtime";

const { files } = runtime;

/** Runs with a folder of its own, removed afterwards. */
async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "weir-files-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Counts reports, and waits for the next one. */
class Reports {
  count = 0;
  #next = Promise.withResolvers<void>();
  readonly stop: () => void;

  constructor(path: string) {
    this.stop = files.watch(path, () => {
      this.count++;
      this.#next.resolve();
    });
  }

  /** Acts until a report comes: the first look of a watcher has no event of its own to wait for. */
  async after(act: (attempt: number) => Promise<unknown>): Promise<void> {
    this.#next = Promise.withResolvers<void>();
    for (let attempt = 0, isDone = false; !isDone; attempt++) {
      await act(attempt);
      const later = new Promise<false>((resolve) => setTimeout(resolve, 300, false));
      isDone = await Promise.race([this.#next.promise.then(() => true), later]);
      assert.ok(isDone || attempt < 20, "no report came");
    }
  }
}

test("readText(), exists() and list() tell what is there", async () => {
  await inFolder(async (folder) => {
    await mkdir(join(folder, "b"));
    await writeFile(join(folder, "b", "two.yaml"), "zwei: ü");
    await writeFile(join(folder, "one.yaml"), "");
    await symlink(folder, join(folder, "b", "loop"));
    assert.equal(await files.readText(join(folder, "b", "two.yaml")), "zwei: ü");
    assert.deepEqual(await files.list(folder), [join(folder, "b", "two.yaml"), join(folder, "one.yaml")]);
    assert.deepEqual(await files.list(join(folder, "one.yaml")), [join(folder, "one.yaml")]);
    assert.deepEqual([await files.exists(folder), await files.exists(join(folder, "no"))], [true, false]);
    await assert.rejects(files.readText(join(folder, "no")), { code: "ENOENT" });
    await assert.rejects(files.list(join(folder, "no")), { code: "ENOENT" });
  });
});

/** Writes the folder as the kubelet does: generations, `..data` and links to the keys. */
async function mountConfigMap(folder: string): Promise<void> {
  await mkdir(join(folder, "..gen0"));
  await writeFile(join(folder, "..gen0", "key.yaml"), "0");
  await symlink("..gen0", join(folder, "..data"));
  await symlink(join("..data", "key.yaml"), join(folder, "key.yaml"));
}

/** Updates it as the kubelet does: a new generation, and `..data` renamed over. */
async function swapConfigMap(folder: string, generation: number): Promise<void> {
  await mkdir(join(folder, `..gen${generation}`));
  await writeFile(join(folder, `..gen${generation}`, "key.yaml"), String(generation));
  await symlink(`..gen${generation}`, join(folder, "..data_tmp"));
  await rename(join(folder, "..data_tmp"), join(folder, "..data"));
  await rm(join(folder, `..gen${generation - 1}`), { recursive: true });
}

for (const target of ["folder", "file"]) {
  test(`watch() of a ${target} reports the symlink swap of a ConfigMap, again and again`, async () => {
    await inFolder(async (folder) => {
      await mountConfigMap(folder);
      assert.deepEqual(await files.list(folder), [join(folder, "key.yaml")]);
      const path = target === "folder" ? folder : join(folder, "key.yaml");
      const reports = new Reports(path);
      let generation = 0;
      for (let round = 0; round < 3; round++) {
        await reports.after(() => swapConfigMap(folder, ++generation));
        assert.equal(await files.readText(join(folder, "key.yaml")), String(generation));
      }
      reports.stop();
    });
  });

  test(`watch() of a ${target} reports writes, replacement by rename, removal and return`, async () => {
    await inFolder(async (folder) => {
      const file = join(folder, "a.yaml");
      await writeFile(file, "0");
      const reports = new Reports(target === "folder" ? folder : file);
      await reports.after((attempt) => writeFile(file, `written ${"x".repeat(attempt)}`));
      await reports.after(async (attempt) => {
        await writeFile(join(folder, ".a.yaml.swp"), `renamed ${"x".repeat(attempt)}`);
        await rename(join(folder, ".a.yaml.swp"), file);
      });
      await reports.after(() => rm(file, { force: true }));
      await reports.after((attempt) => writeFile(file, `back ${"x".repeat(attempt)}`));
      reports.stop();
    });
  });
}

test("watch() of a folder sees files in folders made later", async () => {
  await inFolder(async (folder) => {
    const reports = new Reports(folder);
    await reports.after(async (attempt) => {
      await mkdir(join(folder, "new", "deep"), { recursive: true });
      await writeFile(join(folder, "new", "deep", `${attempt}.yaml`), "1");
    });
    await reports.after((attempt) => writeFile(join(folder, "new", "deep", "0.yaml"), "x".repeat(attempt + 2)));
    reports.stop();
  });
});

test("watch() of a path that is not there yet reports it when it comes", async () => {
  await inFolder(async (folder) => {
    const reports = new Reports(join(folder, "not", "yet.yaml"));
    await reports.after(async (attempt) => {
      await mkdir(join(folder, "not"), { recursive: true });
      await writeFile(join(folder, "not", "yet.yaml"), "x".repeat(attempt));
    });
    reports.stop();
  });
});

test("watch() of a file does not report its neighbours, and nothing after stop", async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, "a.yaml"), "0");
    const one = new Reports(join(folder, "a.yaml"));
    const all = new Reports(folder);
    await all.after((attempt) => writeFile(join(folder, "b.yaml"), "x".repeat(attempt + 1)));
    assert.equal(one.count, 0);
    one.stop();
    await all.after((attempt) => writeFile(join(folder, "a.yaml"), "x".repeat(attempt + 2)));
    assert.equal(one.count, 0);
    all.stop();
  });
});

test("append() writes all lines in order, and reopen() follows a rotation", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "access.log");
    const log = files.append(path);
    for (let line = 0; line < 5000; line++) log.write(`line ${line} ü\n`);
    await rename(path, `${path}.1`);
    log.reopen();
    log.write("after\n");
    await log.close();
    log.write("too late\n");
    const before = await readFile(`${path}.1`, "utf8");
    assert.equal(before, Array.from({ length: 5000 }, (_, line) => `line ${line} ü\n`).join(""));
    assert.equal(await readFile(path, "utf8"), "after\n");
    assert.equal(log.dropped, 1);
  });
});

test("append() keeps what the file has, and throws at once when it can't be opened", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "a.log");
    await writeFile(path, "old\n");
    const log = files.append(path);
    log.write("new\n");
    await log.close();
    assert.equal(await readFile(path, "utf8"), "old\nnew\n");
    assert.throws(() => files.append(join(folder, "no", "a.log")), { code: "ENOENT" });
  });
});

test("append() tells of a background failure and goes on", async () => {
  await inFolder(async (folder) => {
    await mkdir(join(folder, "logs"));
    const failed = Promise.withResolvers<unknown>();
    const log = files.append(join(folder, "logs", "a.log"), failed.resolve);
    await rm(join(folder, "logs"), { recursive: true });
    log.reopen();
    const error = await failed.promise;
    assert.ok(error instanceof Error && "code" in error && error.code === "ENOENT");
    await mkdir(join(folder, "logs"));
    log.write("kept\n");
    await log.close();
    assert.equal(await readFile(join(folder, "logs", "a.log"), "utf8"), "kept\n");
  });
});
