// What middlewares under test are built with, and how a test asks one.

import { runtime } from "#runtime";
import type { Handler } from "../../../src/http/handler.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import type { ProxyRequest } from "../../../src/http/request.ts";
import { ProxyResponse } from "../../../src/http/response.ts";
import type { MiddlewareContext, MiddlewareDefinition } from "../../../src/middleware/middleware.ts";
import type { Runtime } from "../../../src/net/runtime.ts";
import { StateStore } from "../../../src/net/state.ts";
import { createLogger } from "../../../src/telemetry/create-logger.ts";

/** A context that collects log lines. */
export function testContext(log: string[] = [], over: Partial<Runtime> = {}): MiddlewareContext {
  const write = (line: string) => void log.push(line);
  return {
    name: "m@file",
    key: "m@file",
    runtime: { ...runtime, ...over },
    logger: createLogger({ level: "DEBUG", format: "json", write }),
    state: new StateStore(),
  };
}

/** Parses options with the schema, builds the middleware and puts it before a handler. */
export function build<Options>(
  definition: MiddlewareDefinition<Options>,
  options: unknown,
  next: Handler,
  context: MiddlewareContext = testContext(),
): Handler {
  return definition.create(definition.schema.parse(options), context)(next);
}

/** A handler that answers 200 with these headers and keeps the request it got. */
export function origin(...headers: readonly (readonly [string, string])[]) {
  const seen: ProxyRequest[] = [];
  const handler: Handler = (request) => {
    seen.push(request);
    return new ProxyResponse(200, HeaderList.of(...headers));
  };
  return { handler, seen };
}
