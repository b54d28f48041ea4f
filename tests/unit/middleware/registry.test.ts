// The registry and the chain.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { textResponse } from "../../../src/http/response.ts";
import { composeMiddlewares } from "../../../src/middleware/chain.ts";
import type { Middleware } from "../../../src/middleware/middleware.ts";
import { middlewareRegistry } from "../../../src/middleware/registry.ts";
import { sampleRequest } from "../telemetry/sample-request.ts";

test("middlewareRegistry lists each middleware under its kind, documented", () => {
  assert.deepEqual([...middlewareRegistry.keys()], ["compress", "headers", "stripPrefix"]);
  for (const [kind, definition] of middlewareRegistry) {
    assert.equal(definition.kind, kind);
    assert.match(definition.summary, /^[A-Z].*\.$/);
    const { properties } = z.toJSONSchema(definition.schema, { io: "input" });
    for (const [name, property] of Object.entries(properties ?? {})) {
      assert.ok(typeof property === "object" && property.description, `${kind}.${name} has no description`);
    }
  }
});

test("composeMiddlewares() passes requests in order and answers in the opposite order", async () => {
  const trace: string[] = [];
  const named = (name: string): Middleware => (next) => async (request) => {
    trace.push(`> ${name}`);
    const response = await next(request);
    trace.push(`< ${name}`);
    return response;
  };
  const handler = composeMiddlewares([named("a"), named("b")], () => textResponse(200, "ok"));
  await handler(sampleRequest());
  assert.deepEqual(trace, ["> a", "> b", "< b", "< a"]);
});

test("composeMiddlewares() of nothing is the handler itself", () => {
  const handler = () => textResponse(200, "ok");
  assert.equal(composeMiddlewares([], handler), handler);
});
