// The public API for embedding: weir's routing, middlewares and balancing behind one fetch handler, in any server.

import { buildRoutingTable } from "./build/build.ts";
import type { BuildContext } from "./build/context.ts";
import { decodeDynamic } from "./config/decode.ts";
import type { Decoded } from "./config/decode.ts";
import { readDynamicFile } from "./config/dynamic-file.ts";
import { mergeConfigurations } from "./config/merge.ts";
import { fromRequest, toResponse } from "./entrypoint/fetch-exchange.ts";
import { errorResponse } from "./http/error-response.ts";
import type { Handler } from "./http/handler.ts";
import type { ProxyResponse } from "./http/response.ts";
import { textResponse } from "./http/response.ts";
import { middlewareRegistry } from "./middleware/registry.ts";
import type { Address } from "./net/connection.ts";
import { Deadlines } from "./net/deadlines.ts";
import { ProxyError, toProxyError } from "./net/error.ts";
import type { Runtime } from "./net/runtime.ts";
import { StateStore } from "./net/state.ts";
import type { Problem } from "./schema/problem.ts";
import { defaultTransportOptions } from "./service/http1-transport.ts";
import { createLogger } from "./telemetry/create-logger.ts";
import type { Logger } from "./telemetry/logger.ts";

export type { Address, Logger, Problem, Runtime };
export { ProxyError };

/** A dynamic configuration in Traefik's file format: the text of a file, or what such a file parses to. */
export type EdgeConfiguration = string | Readonly<Record<string, unknown>>;

/** What an edge is made of. */
export interface EdgeOptions {
  readonly configuration: EdgeConfiguration;
  /** What weir asks of Bun, Deno or Node: dials backends, compresses. */
  readonly runtime: Runtime;
  /** Names a configuration's text in problems; its ending tells the format. Default: `edge.yaml`. */
  readonly file?: string;
  /** The entry point that routers may name; those that name none are served too. Default: `web`. */
  readonly entryPoint?: string;
  /** Believes `X-Forwarded-*` and the like of requests. Default: false; they are replaced. */
  readonly trustsForwarded?: boolean;
  /** Default: silence; problems of the configuration are in {@link Edge.problems} all the same. */
  readonly logger?: Logger;
}

/** A routing core to mount. */
export interface Edge {
  /**
   * Answers a request; never rejects. A fetch handler has no connection to give away, so requests for WebSocket are
   * answered 501; everything else about them is up to the server that weir is mounted in. The URL's host is what rules and backends see as the host.
   * @param remote the client's address, for `ClientIP`, `X-Forwarded-For` and balancing by client
   */
  fetch(request: Request, remote?: Address): Promise<Response>;
  /** What is wrong with the configuration; the parts concerned are off, everything else serves. */
  readonly problems: readonly Problem[];
  /** Replaces the configuration. Balancing, health and idle connections go on; requests under way finish as begun. */
  update(configuration: EdgeConfiguration): void;
  /** Ends health checks and closes idle connections. Requests under way finish. */
  stop(): Promise<void>;
}

/**
 * Makes an edge.
 * @example
 * const edge = createEdge({ runtime, configuration: await readFile("dynamic.yaml", "utf8") });
 * app.all("/shop/*", (context) => edge.fetch(context.req.raw));
 */
export function createEdge(options: EdgeOptions): Edge {
  return new MountedEdge(options);
}

class MountedEdge implements Edge {
  problems: readonly Problem[] = [];
  readonly #options: EdgeOptions;
  readonly #entryPoint: string;
  readonly #context: BuildContext;
  readonly #state = new StateStore();
  #handler: Handler = stopped;

  constructor(options: EdgeOptions) {
    this.#options = options;
    const { runtime, entryPoint = "web", logger } = options;
    this.#entryPoint = entryPoint;
    this.#context = {
      runtime,
      logger: logger ?? createLogger({ level: "PANIC", format: "json", write: () => undefined }),
      state: this.#state,
      deadlines: new Deadlines(),
      entryPoints: () => [{ name: entryPoint, isDefault: true, middlewares: [] }],
      defaultSyntax: "v3",
      middlewares: middlewareRegistry,
      internalServices: new Map(),
      transport: defaultTransportOptions,
      meters: undefined,
      terminatesTls: false,
    };
    this.update(options.configuration);
  }

  update(configuration: EdgeConfiguration): void {
    const states = new Map([["file", this.#decode(configuration)]]);
    this.#state.begin();
    try {
      const table = buildRoutingTable(mergeConfigurations(states), this.#context);
      this.#handler = table.entryPoints.get(this.#entryPoint) ?? stopped;
      this.problems = table.problems;
      this.#state.commit();
    } catch (error) {
      this.#state.rollback();
      throw error;
    }
  }

  async fetch(request: Request, remote?: Address): Promise<Response> {
    if (request.headers.get("upgrade")?.toLowerCase() === "websocket") return toResponse(noUpgrade(), request.method);
    try {
      const trusted = this.#options.trustsForwarded ?? false;
      const inner = fromRequest(request, { entryPoint: this.#entryPoint, remote, trusted });
      return toResponse(await this.#handler(inner), request.method);
    } catch (thrown) {
      const error = toProxyError(thrown);
      this.#context.logger.debug(error.message, { code: error.code, error });
      return toResponse(errorResponse(error), request.method);
    }
  }

  stop(): Promise<void> {
    this.#handler = stopped;
    this.#state.begin();
    this.#state.commit();
    return Promise.resolve();
  }

  #decode(configuration: EdgeConfiguration): Decoded {
    if (typeof configuration !== "string") return decodeDynamic(configuration);
    return readDynamicFile(this.#options.file ?? "edge.yaml", configuration);
  }
}

function stopped(): ReturnType<Handler> {
  return textResponse(503, "stopped\n");
}

function noUpgrade(): ProxyResponse {
  return textResponse(501, "weir can't change to WebSocket here: it is mounted in a server as a fetch handler\n");
}
