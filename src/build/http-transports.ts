// serversTransports of one configuration: what is wrong with them, and the pools of connections that services share.

import type { ServersTransport } from "../config/dynamic.ts";
import type { Part } from "../config/dynamic-part.ts";
import type { ClientTls } from "../config/dynamic-tls.ts";
import type { Merged } from "../config/merge-section.ts";
import { ProxyError } from "../net/error.ts";
import type { Problem } from "../schema/problem.ts";
import { defaultServerTls } from "../service/server-tls.ts";
import type { ServerTls } from "../service/server-tls.ts";
import { defaultPing, ServerTransport } from "../service/server-transport.ts";
import type { ServerTransportOptions } from "../service/server-transport.ts";
import type { ServerTlsResult } from "./client-tls.ts";
import { createTlsReader } from "./client-tls.ts";
import type { BuildContext } from "./context.ts";
import { nameOf } from "./status.ts";

/** Traefik's name of the static configuration's transport. */
export const DEFAULT_TRANSPORT = "default@internal";
/** Code of the error of a transport that can't be used: what is wrong was told of the transport. */
export const BROKEN_TRANSPORT = "broken-transport";

/** See the file's sentence. */
export class HttpTransports {
  /** What is wrong with transports; what their providers found is not told again. */
  readonly problems: readonly Problem[];
  readonly #context: BuildContext;
  readonly #transports: Readonly<Record<string, Merged<ServersTransport>>>;
  readonly #read: (tls: ClientTls) => ServerTlsResult;

  constructor(transports: Readonly<Record<string, Merged<ServersTransport>>>, context: BuildContext) {
    this.#context = context;
    this.#transports = transports;
    this.#read = createTlsReader(context.state, context.runtime);
    this.problems = Object.values(transports).flatMap((each) =>
      (each.defects ?? []).length > 0 ? [] : transportProblems(each, this.#read(each))
    );
  }

  /** The configuration of a transport; undefined: there is none of that key. */
  get(key: string): Merged<ServersTransport> | undefined {
    return this.#transports[key];
  }

  /** The transport that services get which name none. @throws {ProxyError} when its TLS can't be had */
  default(): ServerTransport {
    const { transport } = this.#context;
    const clientTls = this.#context.clientTls?.();
    const tls = clientTls === undefined ? defaultServerTls : this.#tlsOf(clientTls, "default transport");
    return this.#take({ ...defaultPing, disableHttp2: false, ...transport }, tls);
  }

  /** A named transport. @throws {ProxyError} when it does not exist, or can't be used */
  named(key: string): ServerTransport {
    const transport = this.#transports[key];
    if (transport === undefined) {
      const message = `the serversTransport ${key} does not exist`;
      throw new ProxyError(message, { code: "missing-service", source: "internal", status: 503 });
    }
    const what = `serversTransport ${nameOf(transport)}`;
    const { defects = [] } = transport;
    if (defects.length > 0) throw broken(what, defects.join("; "));
    return this.#take({ ...this.#context.transport, ...optionsOf(transport) }, this.#tlsOf(transport, what));
  }

  #tlsOf(config: ClientTls, what: string): ServerTls {
    const result = this.#read(config);
    if (result.fault !== undefined) throw broken(what, result.fault);
    return result.tls;
  }

  #take(options: ServerTransportOptions, tls: ServerTls): ServerTransport {
    const { runtime, deadlines, state } = this.#context;
    const key = `transport ${JSON.stringify([options, tls.key])}`;
    return state.take(key, isTransport, () => new ServerTransport(runtime, deadlines, options, tls));
  }
}

/** What is wrong with a transport's TLS, of HTTP or TCP. */
export function transportProblems(transport: Merged<Part>, result: ServerTlsResult): Problem[] {
  const { source } = transport;
  const name = `the serversTransport ${nameOf(transport)}`;
  const where = source !== undefined && { source };
  if (result.fault !== undefined) {
    const message = `${name} can't be used: ${result.fault}`;
    const hint = "services that use it are closed";
    return [{ severity: "error", code: "unusable-transport", message, hint, ...where }];
  }
  return result.warnings.map((each): Problem => {
    return { severity: "warning", code: "transport-limits", message: `${name}: ${each}`, ...where };
  });
}

function optionsOf(transport: ServersTransport): Omit<ServerTransportOptions, "maxLifeMs"> {
  const { forwardingTimeouts, maxIdleConnsPerHost, disableHTTP2 } = transport;
  const { dialTimeoutMs, responseHeaderTimeoutMs, idleConnTimeoutMs } = forwardingTimeouts;
  return {
    dialTimeoutMs,
    responseHeaderTimeoutMs,
    idleTimeoutMs: idleConnTimeoutMs,
    readIdleTimeoutMs: forwardingTimeouts.readIdleTimeoutMs ?? defaultPing.readIdleTimeoutMs,
    pingTimeoutMs: forwardingTimeouts.pingTimeoutMs ?? defaultPing.pingTimeoutMs,
    maxIdlePerHost: maxIdleConnsPerHost,
    disableHttp2: disableHTTP2,
  };
}

function broken(what: string, reason: string): ProxyError {
  const message = `the ${what} can't be used: ${reason}`;
  return new ProxyError(message, { code: BROKEN_TRANSPORT, source: "internal", status: 503 });
}

function isTransport(value: unknown): value is ServerTransport {
  return value instanceof ServerTransport;
}
