// Golden cases of the CRD translation: golden/NAME/in.yaml (options first, then objects) → out.json; UPDATE=1 rewrites.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { createCrdParser } from "../../../../src/provider/kubernetes/crd/parser.ts";
import { middlewareSchemas } from "../../../../src/middleware/schemas.ts";
import { tcpMiddlewareSchemas } from "../../../../src/middleware/tcp/schemas.ts";
import { translateCrd } from "../../../../src/provider/kubernetes/crd/translate.ts";
import { isRecord } from "../../../../src/provider/kubernetes/store/object.ts";
import { documents, storeOf, testMiddlewares } from "./objects.ts";

const folder = new URL("golden/", import.meta.url);

const defaults = {
  optionPrefix: "--providers.kubernetescrd",
  disableClusterScopeResources: false,
  ingressClass: "",
  allowCrossNamespace: false,
  allowExternalNameServices: false,
  allowEmptyServices: undefined,
  nativeLBByDefault: false,
};

for (const name of readdirSync(folder).sort()) {
  test(`translateCrd() ${name}`, () => {
    const [first, ...objects] = documents(readFileSync(new URL(`${name}/in.yaml`, folder), "utf8"));
    assert.ok(isRecord(first) && isRecord(first["options"]), "the first document holds the options");
    const options = { ...defaults, ...first["options"] };
    const store = storeOf(objects);
    const middlewares = first["middlewares"] === "all" ? middlewareSchemas : testMiddlewares;
    const state = translateCrd(store, options, createCrdParser(middlewares, tcpMiddlewareSchemas));
    const text = `${JSON.stringify(state, null, 2)}\n`;
    const expected = new URL(`${name}/out.json`, folder);
    if (process.env["UPDATE"] === "1") writeFileSync(expected, text);
    assert.deepEqual(JSON.parse(text), JSON.parse(readFileSync(expected, "utf8")));
    const again = translateCrd(
      storeOf(objects.toReversed()),
      options,
      createCrdParser(middlewares, tcpMiddlewareSchemas),
    );
    assert.deepEqual(again.configuration, state.configuration, "the order of arrival must not matter");
  });
}
