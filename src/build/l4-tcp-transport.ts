// From a TCP serversTransport's configuration to what dials and tunnels need.

import type { TcpLoadBalancer, TcpServersTransport } from "../config/dynamic-tcp.ts";
import type { ClientTls } from "../config/dynamic-tls.ts";
import type { MergedConfiguration } from "../config/merge.ts";
import { ProxyError } from "../net/error.ts";
import type { Problem } from "../schema/problem.ts";
import type { TcpTransport } from "../service/tcp/tcp-transport.ts";
import { defaultTcpTransport, toKeepAlive } from "../service/tcp/tcp-transport.ts";
import type { ServerTlsResult } from "./client-tls.ts";
import { createTlsReader } from "./client-tls.ts";
import type { BuildContext } from "./context.ts";
import { DEFAULT_TRANSPORT, transportProblems } from "./http-transports.ts";
import { nameOf } from "./status.ts";

/** The TCP serversTransports of one configuration. */
export class TcpTransports {
  /** What is wrong with them; what their providers found is not told again. */
  readonly problems: readonly Problem[];
  readonly #context: BuildContext;
  readonly #transports: MergedConfiguration["tcp"]["serversTransports"];
  readonly #read: (tls: ClientTls) => ServerTlsResult;

  constructor(transports: MergedConfiguration["tcp"]["serversTransports"], context: BuildContext) {
    this.#context = context;
    this.#transports = transports;
    this.#read = createTlsReader(context.state, context.runtime);
    this.problems = Object.values(transports).flatMap((each) => {
      const isRead = each.tls !== undefined && (each.defects ?? []).length === 0;
      return isRead ? transportProblems(each, this.#read(each.tls)) : [];
    });
  }

  /** Why the transport of a service can't be used. */
  faultsOf({ serversTransport: key }: Pick<TcpLoadBalancer, "serversTransport">): readonly string[] {
    if (key === undefined || key === DEFAULT_TRANSPORT) {
      const fault = this.#defaultTls()?.fault;
      return fault === undefined ? [] : [`the default TCP transport can't be used: ${fault}`];
    }
    const transport = this.#transports[key];
    if (transport === undefined) return [`the serversTransport ${key} does not exist`];
    const result = transport.tls && this.#read(transport.tls);
    const faults = [...transport.defects ?? [], ...(result?.fault === undefined ? [] : [result.fault])];
    return faults.map((fault) => `the serversTransport ${nameOf(transport)} can't be used: ${fault}`);
  }

  /** The transport of a service. @throws {ProxyError} when it can't be used */
  of(service: TcpLoadBalancer): TcpTransport {
    const [fault] = this.faultsOf(service);
    if (fault !== undefined) {
      throw new ProxyError(fault, { code: "unusable-transport", source: "internal", status: 503 });
    }
    const { serversTransport: key = DEFAULT_TRANSPORT, proxyProtocol, terminationDelayMs } = service;
    const base = { ...defaultTcpTransport, ...this.#context.tcpTransport };
    const named = this.#transports[key];
    if (named !== undefined) return { ...base, ...this.#optionsOf(named) };
    const tls = this.#defaultTls();
    // What Traefik deprecates: it belongs to the transport, and a named transport wins.
    return {
      ...base,
      ...(tls !== undefined && tls.fault === undefined && { tls: tls.tls }),
      ...(proxyProtocol !== undefined && { proxyProtocol: proxyProtocol.version }),
      ...(terminationDelayMs !== undefined && { terminationMs: terminationDelayMs }),
    };
  }

  /** Of the start options; it makes no server one that is spoken to in TLS. */
  #defaultTls(): ServerTlsResult | undefined {
    const tls = this.#context.tcpClientTls?.();
    return tls && this.#read(tls);
  }

  #optionsOf(transport: TcpServersTransport): Partial<TcpTransport> {
    const { dialKeepAliveMs, dialTimeoutMs, terminationDelayMs, proxyProtocol, tls } = transport;
    const result = tls && this.#read(tls);
    return {
      keepAliveMs: toKeepAlive(dialKeepAliveMs),
      dialTimeoutMs,
      terminationMs: terminationDelayMs,
      proxyProtocol: proxyProtocol?.version,
      ...(result?.fault === undefined && result !== undefined && { tls: result.tls, isAlwaysTls: true }),
    };
  }
}
