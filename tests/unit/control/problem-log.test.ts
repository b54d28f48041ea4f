// Problems as log fields.

import assert from "node:assert/strict";
import { test } from "node:test";
import { problemFields } from "../../../src/control/problem-log.ts";
import type { Problem } from "../../../src/schema/problem.ts";

const bare: Problem = { severity: "error", code: "bad", message: "it is bad" };

const cases: readonly (readonly [more: Partial<Problem>, fields: Record<string, unknown>])[] = [
  [{}, {}],
  [{ path: [] }, {}],
  [{ path: ["http", "routers", 0], hint: "do this" }, { path: "http.routers.0", hint: "do this" }],
  [{ source: { type: "file", file: "a.yaml" } }, { source: "a.yaml" }],
  [{ source: { type: "file", file: "a.yaml", line: 3, column: 7 } }, { source: "a.yaml:3:7" }],
  [{ source: { type: "flag", flag: "--log.level" } }, { source: "--log.level" }],
  [{ source: { type: "env", variable: "WEIR_X" } }, { source: "WEIR_X" }],
  [{ source: { type: "object", apiVersion: "v1", kind: "IngressRoute", namespace: "default", name: "app" } }, {
    source: "IngressRoute default/app",
  }],
  [{ source: { type: "object", apiVersion: "v1", kind: "Namespace", namespace: "", name: "x" } }, {
    source: "Namespace x",
  }],
  [
    {
      source: {
        type: "object",
        apiVersion: "v1",
        kind: "IngressRoute",
        namespace: "d",
        name: "app",
        position: { file: "a.yaml", line: 3 },
      },
    },
    { source: "a.yaml:3, IngressRoute d/app" },
  ],
];

for (const [more, fields] of cases) {
  test(`problemFields() of ${JSON.stringify(more)}`, () => {
    assert.deepEqual(problemFields({ ...bare, ...more }), { code: "bad", ...fields });
  });
}
