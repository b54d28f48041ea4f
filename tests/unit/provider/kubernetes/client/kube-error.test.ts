// What was thrown, as one error class.

import assert from "node:assert/strict";
import { test } from "node:test";
import { toKubeError } from "../../../../../src/provider/kubernetes/client/kube-error.ts";

test("toKubeError() digs out the reason that fetch hides", () => {
  const thrown = new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:1") });
  assert.equal(toKubeError(thrown, "list x").message, "list x: fetch failed: connect ECONNREFUSED 127.0.0.1:1");
});
