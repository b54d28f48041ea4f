// The whole proxy: entry points, providers, routing table, API. Starts, swaps, drains, stops.

import { createApi } from "./api/create-api.ts";
import type { RoutingTable } from "./build/build.ts";
import type { BuildContext } from "./build/context.ts";
import { formatEntryPointAddress } from "./config/address.ts";
import type { StaticConfiguration } from "./config/static.ts";
import type { EntryPointConfiguration } from "./config/static-entry-points.ts";
import { createExchangeReport } from "./control/exchange-report.ts";
import { entryPointOptions, udpEntryPointOptions } from "./control/entry-point-options.ts";
import { createInternalProvider, redirectServices } from "./control/internal-provider.ts";
import { internalServices } from "./control/internal-services.ts";
import { createBuildMeters } from "./control/metering.ts";
import { createProviders } from "./control/providers.ts";
import { takeSnapshot } from "./control/snapshot.ts";
import { ConfigurationWatcher } from "./control/watcher.ts";
import { EntryPoint } from "./entrypoint/entry-point.ts";
import { UdpEntryPoint } from "./entrypoint/udp-entry-point.ts";
import { middlewareRegistry } from "./middleware/registry.ts";
import { Deadlines } from "./net/deadlines.ts";
import { ProxyError } from "./net/error.ts";
import type { Runtime } from "./net/runtime.ts";
import { StateStore } from "./net/state.ts";
import type { Provider } from "./provider/provider.ts";
import type { Problem } from "./schema/problem.ts";
import { defaultTransportOptions } from "./service/http1-transport.ts";
import { createAccessLog } from "./telemetry/access-log.ts";
import type { AccessLog } from "./telemetry/access-log.ts";
import { openLogOutput } from "./telemetry/log-output.ts";
import type { LogOutput } from "./telemetry/log-output.ts";
import type { Logger } from "./telemetry/logger.ts";
import { MetricsRegistry } from "./telemetry/metrics-registry.ts";
import { createProxyMetrics } from "./telemetry/proxy-metrics.ts";
import type { ProxyMetrics } from "./telemetry/proxy-metrics.ts";

const OPEN_CONNECTIONS = "traefik_open_connections";

/** What a proxy is made of. */
export interface ProxyOptions {
  readonly runtime: Runtime;
  readonly config: StaticConfiguration;
  readonly logger: Logger;
  readonly version: string;
  /** Problems of whoever starts the proxy, for the API to show besides its own. */
  readonly problems?: () => readonly Problem[];
  /** Sources of configuration besides those the static configuration names. */
  readonly providers?: readonly Provider[];
}

/** Where an open entry point is. */
export interface EntryPointPlace {
  readonly name: string;
  readonly protocol: "tcp" | "udp";
  readonly host: string;
  readonly port: number;
}

type AnyEntryPoint = EntryPoint | UdpEntryPoint;

/** A running proxy. */
export class Proxy {
  readonly #options: ProxyOptions;
  readonly #state = new StateStore();
  readonly #deadlines = new Deadlines();
  readonly #metrics: ProxyMetrics | undefined;
  readonly #accessOutput: LogOutput | undefined;
  readonly #accessLog: AccessLog | undefined;
  readonly #entryPoints: AnyEntryPoint[];
  /** Static definitions of the entry points; those opened later included. */
  readonly #definitions: Record<string, EntryPointConfiguration>;
  readonly #watcher: ConfigurationWatcher;
  #table: RoutingTable | undefined = undefined;
  #stopping: Promise<void> | undefined = undefined;

  constructor(options: ProxyOptions) {
    this.#options = options;
    const { config, runtime } = options;
    this.#metrics = this.#createMetrics();
    this.#accessOutput = this.#openAccessLog();
    this.#accessLog = this.#accessOutput === undefined
      ? undefined
      : createAccessLog(accessLogOptions(config), this.#accessOutput);
    this.#definitions = { ...config.entryPoints };
    this.#entryPoints = Object.keys(config.entryPoints).flatMap((name) => this.#createEntryPoint(name));
    const providers = [
      createInternalProvider(config),
      ...createProviders(config, { runtime, logger: options.logger }),
      ...options.providers ?? [],
    ];
    this.#watcher = new ConfigurationWatcher({
      providers,
      build: this.#buildContext(providers),
      logger: options.logger,
      precedence: config.providers.precedence,
      throttleMs: config.providers.providersThrottleDuration,
      swap: (table) => this.#swap(table),
      built: (ok) => this.#built(ok),
    });
  }

  /** Entry points that are open, with their real ports. */
  get addresses(): readonly EntryPointPlace[] {
    return this.#entryPoints.map(({ name, protocol, address }) => ({ name, protocol, ...address }));
  }

  /** The table in force. */
  get table(): RoutingTable | undefined {
    return this.#table;
  }

  /**
   * Opens the entry points, then starts the providers. Resolves when it serves.
   * @throws {ProxyError} `listen-failed`, `proxy-stopped`; what was opened is closed again, and the proxy stays stopped
   */
  async start(): Promise<void> {
    try {
      for (const entryPoint of this.#entryPoints) if (!entryPoint.isOpen) await this.#open(entryPoint);
      await this.#watcher.start();
    } catch (error) {
      this.#stopping ??= this.#close(() => 0);
      await this.#stopping;
      throw error;
    }
  }

  /**
   * Opens one more entry point, and gives it the routers that name it.
   * @throws {ProxyError} `listen-failed`; `duplicate-entry-point`; `proxy-stopped`
   */
  async addEntryPoint(
    name: string,
    definition: EntryPointConfiguration,
  ): Promise<{ readonly host: string; readonly port: number }> {
    if (this.#definitions[name] !== undefined) throw refused("duplicate-entry-point", name, "it is there already");
    this.#definitions[name] = definition;
    try {
      return await this.#openNew(name, definition);
    } catch (error) {
      delete this.#definitions[name];
      for (const protocol of ["TCP", "UDP"]) {
        this.#metrics?.registry.remove(OPEN_CONNECTIONS, { entrypoint: name, protocol });
      }
      throw error;
    }
  }

  /** Has the providers look at their sources again. */
  reload(): void {
    this.#watcher.reload();
  }

  /** Follows a rotation of the access log. */
  reopenLogs(): void {
    this.#accessLog?.flush();
    this.#accessOutput?.reopen();
  }

  /** Stops accepting, lets requests finish, frees everything. `/ping` says so from the first moment. */
  stop(): Promise<void> {
    return this.#stopping ??= this.#stop();
  }

  async #stop(): Promise<void> {
    const lifeCycles = Object.values(this.#definitions).map(({ transport }) => transport.lifeCycle);
    await pause(Math.max(0, ...lifeCycles.map(({ requestAcceptGraceTimeout }) => requestAcceptGraceTimeout)));
    await this.#close((name) => this.#graceOf(name));
  }

  /** @param graceMs how long the requests of an entry point may take */
  async #close(graceMs: (entryPoint: string) => number): Promise<void> {
    // at the same time: a provider that hangs must not keep clients from being told to go
    await Promise.all([
      this.#watcher.stop(),
      ...this.#entryPoints.map((entryPoint) => entryPoint.close(graceMs(entryPoint.name))),
    ]);
    this.#state.begin();
    this.#state.commit();
    this.#accessLog?.flush();
    await this.#accessOutput?.close();
  }

  async #openNew(
    name: string,
    definition: EntryPointConfiguration,
  ): Promise<{ readonly host: string; readonly port: number }> {
    const [entryPoint] = this.#createEntryPoint(name);
    if (entryPoint === undefined) throw unservable(name, definition.address);
    await this.#open(entryPoint);
    this.#entryPoints.push(entryPoint);
    this.#watcher.rebuild();
    return entryPoint.address;
  }

  /** A listener that opens while the proxy stops would stay open for ever. */
  async #open(entryPoint: AnyEntryPoint): Promise<void> {
    if (this.#stopping === undefined) await entryPoint.open();
    if (entryPoint instanceof EntryPoint) entryPoint.admit();
    if (this.#stopping === undefined) return;
    await entryPoint.close(0);
    throw refused("proxy-stopped", entryPoint.name, "the proxy stops");
  }

  #graceOf(name: string): number {
    return this.#definitions[name]?.transport.lifeCycle.graceTimeOut ?? 0;
  }

  #swap(table: RoutingTable): void {
    this.#table = table;
    for (const entryPoint of this.#entryPoints) {
      if (entryPoint instanceof UdpEntryPoint) {
        entryPoint.handler = table.udp.get(entryPoint.name);
        continue;
      }
      const handler = table.entryPoints.get(entryPoint.name);
      if (handler !== undefined) entryPoint.handler = handler;
      entryPoint.table = table.tcp.get(entryPoint.name);
    }
  }

  #built(ok: boolean): void {
    if (this.#metrics === undefined) return;
    this.#metrics.configReloads.add();
    if (ok) this.#metrics.lastReloadSuccess.set(Math.floor(Date.now() / 1000));
  }

  #createMetrics(): ProxyMetrics | undefined {
    const { runtime, config, version } = this.#options;
    const { prometheus } = config.metrics;
    if (prometheus === undefined) return undefined;
    return createProxyMetrics(new MetricsRegistry(), prometheus, {
      version,
      runtime: runtime.name,
      runtimeVersion: runtime.version,
      startDate: new Date(),
      residentBytes: () => runtime.residentBytes(),
    });
  }

  #openAccessLog(): LogOutput | undefined {
    const { runtime, config, logger } = this.#options;
    if (config.accessLog === undefined) return undefined;
    return openLogOutput({
      filePath: config.accessLog.filePath,
      files: runtime.files,
      stdout: (text) => runtime.stdout(text),
      failed: (error) => logger.error("the access log can't be written", { error }),
    });
  }

  #createEntryPoint(name: string): AnyEntryPoint[] {
    const definition = this.#definitions[name];
    const entryPoint = definition &&
      (this.#createTcpEntryPoint(name, definition) ?? this.#createUdpEntryPoint(name, definition));
    if (entryPoint === undefined) return [];
    this.#metrics?.registry.gaugeFunction(
      OPEN_CONNECTIONS,
      "How many open connections exist, by entryPoint and protocol",
      () => entryPoint.connections,
      { entrypoint: name, protocol: entryPoint.protocol.toUpperCase() },
    );
    return [entryPoint];
  }

  #createTcpEntryPoint(name: string, definition: EntryPointConfiguration): EntryPoint | undefined {
    const { config, runtime, logger } = this.#options;
    const metrics = this.#metrics;
    const { observability } = definition;
    const report = createExchangeReport({
      logger: logger.with({ entryPointName: name }),
      accessLog: observability.accessLogs === false ? undefined : this.#accessLog,
      meter: observability.metrics === false ? undefined : metrics?.entryPointRequests(name),
      retries: metrics === undefined ? undefined : (service, count) => metrics.retries(service).add(count),
      internals: { metrics: config.metrics.addInternals, accessLog: config.accessLog?.addInternals ?? false },
    });
    const options = entryPointOptions(name, definition, { config, runtime, listener: report });
    return options === undefined ? undefined : new EntryPoint(runtime, this.#deadlines, options);
  }

  #createUdpEntryPoint(name: string, definition: EntryPointConfiguration): UdpEntryPoint | undefined {
    const { runtime, logger } = this.#options;
    const failed = (error: ProxyError): void =>
      logger.error("the entry point can't be used any more", { entryPointName: name, error });
    const options = udpEntryPointOptions(name, definition, { runtime, failed });
    return options === undefined ? undefined : new UdpEntryPoint(runtime, this.#deadlines, options);
  }

  #buildContext(providers: readonly Provider[]): BuildContext {
    const { config, runtime, logger } = this.#options;
    const { forwardingTimeouts, maxIdleConnsPerHost } = config.serversTransport;
    return {
      runtime,
      logger,
      state: this.#state,
      deadlines: this.#deadlines,
      entryPoints: () => entryPointFacts(this.#definitions),
      defaultSyntax: config.core.defaultRuleSyntax,
      middlewares: middlewareRegistry,
      internalServices: new Map([...this.#internalServices(providers), ...redirectServices(config)]),
      transport: {
        ...defaultTransportOptions,
        dialTimeoutMs: forwardingTimeouts.dialTimeout,
        responseHeaderTimeoutMs: forwardingTimeouts.responseHeaderTimeout,
        idleTimeoutMs: forwardingTimeouts.idleConnTimeout,
        maxIdlePerHost: maxIdleConnsPerHost,
      },
      tcpTransport: {
        dialTimeoutMs: config.tcpServersTransport.dialTimeout,
        terminationMs: config.tcpServersTransport.terminationDelay,
      },
      meters: this.#metrics === undefined ? undefined : createBuildMeters(this.#metrics, this.#state),
      keepsHeaders: this.#accessLog?.needsRequestHeaders ?? false,
    };
  }

  #internalServices(providers: readonly Provider[]): ReturnType<typeof internalServices> {
    const { config, version } = this.#options;
    const features = {
      tracing: "",
      metrics: this.#metrics === undefined ? "" : "Prometheus",
      accessLog: this.#accessLog !== undefined,
    };
    const names = providers.map(({ name }) => name).filter((name) => name !== "internal");
    const facts = {
      entryPoints: () => this.#entryPointList(),
      providers: names.map(traefikSpelling),
      features,
      problems: this.#options.problems ?? (() => []),
    };
    return internalServices(createApi({
      snapshot: () => takeSnapshot(this.#table, facts),
      version,
      startDate: new Date(),
      isStopping: () => this.#stopping !== undefined,
      terminatingStatusCode: config.ping?.terminatingStatusCode,
      metrics: this.#metrics?.registry,
      basePath: config.api?.basePath,
      dashboard: config.api?.dashboard,
    }));
  }

  #entryPointList(): { name: string; address: string; definition: Readonly<Record<string, unknown>> }[] {
    const entryPoints = this.#definitions;
    const open = new Map(this.addresses.map((place) => [place.name, place]));
    return Object.entries(entryPoints).map(([name, definition]) => {
      const address = open.get(name);
      return {
        name,
        address: address === undefined ? definition.address : formatEntryPointAddress(address),
        definition,
      };
    });
  }
}

/** Marked entry points are the default ones; where none is, all TCP ones but `traefik` are. */
function entryPointFacts(
  entryPoints: Readonly<Record<string, EntryPointConfiguration>>,
): ReturnType<BuildContext["entryPoints"]> {
  const isUdp = (address: string): boolean => /\/udp$/i.test(address);
  const all = Object.entries(entryPoints);
  const marked = all.some(([, { address, asDefault }]) => asDefault && !isUdp(address));
  return all.map(([name, { address, asDefault, http }]) => {
    if (isUdp(address)) return { name, isDefault: false, middlewares: [], protocol: "udp" };
    return { name, isDefault: marked ? asDefault : name !== "traefik", middlewares: http.middlewares };
  });
}

function accessLogOptions({ accessLog }: StaticConfiguration): Parameters<typeof createAccessLog>[0] {
  if (accessLog === undefined) return {};
  const { format, filters, fields, bufferingSize } = accessLog;
  const { statusCodes, retryAttempts, minDuration } = filters;
  return { format, bufferingSize, fields, filters: { statusCodes, retryAttempts, minDurationMs: minDuration } };
}

const spellings: Readonly<Record<string, string>> = {
  file: "File",
  kubernetescrd: "KubernetesCRD",
  kubernetes: "KubernetesIngress",
  kubernetesgateway: "KubernetesGateway",
};

function traefikSpelling(provider: string): string {
  return spellings[provider] ?? provider;
}

function unservable(name: string, address: string): ProxyError {
  return refused("listen-failed", name, `it can't listen on ${address}`);
}

function refused(code: string, name: string, reason: string): ProxyError {
  return new ProxyError(`the entry point ${name} can't be opened: ${reason}`, {
    code,
    source: "internal",
    status: 500,
  });
}

function pause(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
