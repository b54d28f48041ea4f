// Where log lines go: standard output, or a file that may be rotated away.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runtime } from "#runtime";
import { openLogOutput } from "../../../src/telemetry/log-output.ts";

const { files } = runtime;

test("openLogOutput() writes to standard output when no file is named", async () => {
  let text = "";
  for (const filePath of [undefined, ""]) {
    const output = openLogOutput({ filePath, files, stdout: (line) => text += line });
    output.write("a\n");
    output.reopen();
    await output.close();
  }
  assert.equal(text, "a\na\n");
});

test("openLogOutput() follows a rotation after reopen(), and loses no line", async () => {
  const folder = await mkdtemp(join(tmpdir(), "weir-log-"));
  try {
    const filePath = join(folder, "weir.log");
    const output = openLogOutput({ filePath, files, stdout: () => assert.fail("not to standard output") });
    output.write("before\n");
    await rename(filePath, join(folder, "weir.log.1"));
    output.reopen();
    output.write("after\n");
    await output.close();
    const texts = await Promise.all([`${filePath}.1`, filePath].map((path) => readFile(path, "utf8").catch(() => "")));
    assert.equal(texts.join(""), "before\nafter\n");
    assert.match(texts[1] ?? "", /after\n$/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("openLogOutput() fails at once when the file can't be opened", () => {
  const open = () => openLogOutput({ filePath: "/nowhere/weir.log", files, stdout: () => {} });
  assert.throws(open, (error) => error instanceof Error && "code" in error && error.code === "ENOENT");
});
