// Every flag that a page shows exists and has an effect.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { resolveOptionName } from "../../../src/config/option-name.ts";
import { staticSchema } from "../../../src/config/static.ts";
import { isUnused } from "../../../src/config/unused-options.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const OF_DEV = ["kube.port", "kube.version"];

function pagesOf(folder: string): string[] {
  const names = readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" });
  return names.filter((name) => /\.(?:md|yaml)$/.test(name)).map((name) => `${folder}/${name}`);
}

for (const page of ["README.md", "CONTRIBUTING.md", ...pagesOf("docs"), ...pagesOf("deploy")]) {
  const flags = readFileSync(`${root}${page}`, "utf8").match(/(?<=--)[a-zA-Z]+\.[\w.]*\w/g) ?? [];
  const names = [...new Set(flags)].filter((name) => !OF_DEV.includes(name));
  if (names.length === 0) continue;
  test(`${page} shows flags that exist and have an effect`, () => {
    for (const name of names) {
      const option = resolveOptionName(staticSchema, name);
      assert.ok(option.found, `--${name} does not exist`);
      assert.ok(!isUnused(option.path), `--${name} has no effect`);
    }
  });
}
