// Golden cases of the Ingress translation: golden/NAME/in.yaml (options first, then objects) → out.json; UPDATE=1 rewrites.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { isRecord } from "../../../../../src/provider/kubernetes/store/object.ts";
import { documents } from "../objects.ts";
import { createIngresses } from "./support.ts";

const folder = new URL("golden/", import.meta.url);

for (const name of readdirSync(folder).sort()) {
  test(`the Ingress translation of ${name}`, () => {
    const [first, ...objects] = documents(readFileSync(new URL(`${name}/in.yaml`, folder), "utf8"));
    assert.ok(isRecord(first) && isRecord(first["options"]), "the first document holds the options");
    const translated = (list: readonly unknown[]) => {
      const ingresses = createIngresses(isRecord(first) && isRecord(first["options"]) ? first["options"] : {});
      for (const object of list) ingresses.put(object);
      return ingresses.state();
    };
    const state = translated(objects);
    const text = `${JSON.stringify(state, null, 2)}\n`;
    const expected = new URL(`${name}/out.json`, folder);
    if (process.env["UPDATE"] === "1") writeFileSync(expected, text);
    assert.deepEqual(JSON.parse(text), JSON.parse(readFileSync(expected, "utf8")));
    const again = translated(objects.toReversed());
    assert.deepEqual(again.configuration, state.configuration, "the order of arrival must not matter");
  });
}
