// What TCP routers are made of: services and middlewares, built on demand, and the chain of both.

import type { TcpService as TcpServiceConfig } from "../config/dynamic-tcp.ts";
import type { MergedConfiguration } from "../config/merge.ts";
import { tcpMiddlewareSchemas } from "../middleware/tcp/schemas.ts";
import { ProxyError } from "../net/error.ts";
import type { TcpHandler, TcpMiddleware } from "../net/tcp-session.ts";
import { createTcpService } from "../service/tcp/create-tcp-service.ts";
import type { TcpService } from "../service/tcp/tcp-service.ts";
import { createIdleMeter } from "../service/tcp/tcp-transport.ts";
import type { BuildContext } from "./context.ts";
import { L4ServiceBuilder } from "./l4-service-builder.ts";
import type { L4Services } from "./l4-services.ts";
import type { TcpTransports } from "./l4-tcp-transport.ts";
import { nameOf } from "./status.ts";

/** The parts of one table. */
export class TcpParts {
  readonly services: L4ServiceBuilder<TcpServiceConfig, TcpService>;
  readonly #config: MergedConfiguration["tcp"];
  readonly #context: BuildContext;
  readonly #middlewares = new Map<string, TcpMiddleware>();

  constructor(
    config: MergedConfiguration["tcp"],
    context: BuildContext,
    { checked, transports }: {
      readonly checked: L4Services<TcpServiceConfig>;
      readonly transports: TcpTransports;
    },
  ) {
    this.#config = config;
    this.#context = context;
    this.services = new L4ServiceBuilder(config.services, checked, (key, service, child) => {
      const name = nameOf(service);
      const { runtime, deadlines, state, meters, logger } = context;
      return createTcpService(key, service, {
        name,
        runtime,
        deadlines,
        state,
        logger: logger.with({ serviceName: name }),
        now: () => performance.now(),
        random: () => Math.random(),
        meter: (service.kind === "loadBalancer" ? meters?.l4Service?.(name, "tcp") : undefined) ?? createIdleMeter(),
        transport: transports.of(service.kind === "loadBalancer" ? service : NO_SERVERS),
        child,
        ...(meters !== undefined && { onServerStatus: (address, up) => meters.serverUp(name, address, up) }),
      });
    });
  }

  /** Middlewares and service of a router. @throws {ProxyError} when one of them is missing or can't be built */
  chain(service: string, middlewares: readonly string[]): TcpHandler {
    const { handler } = this.services.get(service);
    return middlewares.toReversed().reduce((next, key) => this.#middleware(key)(next), handler);
  }

  /** Of the service with that key, for the API. */
  serverStatus(key: string): Readonly<Record<string, "UP" | "DOWN">> {
    const service = this.services.peek(key);
    return service === undefined ? {} : service.serverStatus();
  }

  #middleware(key: string): TcpMiddleware {
    const known = this.#middlewares.get(key);
    if (known !== undefined) return known;
    const config = this.#config.middlewares[key];
    if (config === undefined) throw missing(`the middleware ${key} does not exist`);
    const definition = tcpMiddlewareSchemas.get(config.kind);
    if (definition === undefined) throw missing(`weir has no TCP middleware of the kind ${config.kind}`);
    const { state, logger } = this.#context;
    const fields = { middlewareName: nameOf(config), middlewareType: config.kind };
    const created = definition.create(config.options, { key, state, logger: logger.with(fields) });
    this.#middlewares.set(key, created);
    return created;
  }
}

const NO_SERVERS = { kind: "loadBalancer", servers: [] } as const;

function missing(message: string): ProxyError {
  return new ProxyError(message, { code: "missing-middleware", source: "internal", status: 503 });
}
