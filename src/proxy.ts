// The whole proxy: entry points, providers, routing table, API. Starts, swaps, drains, stops.

import { createApi } from "./api/create-api.ts";
import type { RoutingTable } from "./build/build.ts";
import type { BuildContext } from "./build/context.ts";
import { entryPointFacts } from "./build/entry-points.ts";
import type { StaticConfiguration } from "./config/static.ts";
import type { EntryPointConfiguration } from "./config/static-entry-points.ts";
import { CertificateExpiry } from "./control/certificate-expiry.ts";
import { createEntryPoint } from "./control/create-entry-point.ts";
import { type DefaultTls, readDefaultTls } from "./control/default-client-tls.ts";
import { EntryPointSet } from "./control/entry-point-set.ts";
import type { EntryPointChange, EntryPointPlace } from "./control/entry-point-set.ts";
import { createInternalProvider, RedirectServices } from "./control/internal-provider.ts";
import type { InternalProvider } from "./control/internal-provider.ts";
import { internalServices } from "./control/internal-services.ts";
import { createBuildMeters } from "./control/metering.ts";
import { createProviders } from "./control/providers.ts";
import { takeSnapshot } from "./control/snapshot.ts";
import { ConfigurationWatcher } from "./control/watcher.ts";
import type { Handler } from "./http/handler.ts";
import { middlewareRegistry } from "./middleware/registry.ts";
import { Deadlines } from "./net/deadlines.ts";
import type { Runtime } from "./net/runtime.ts";
import { StateStore } from "./net/state.ts";
import type { TlsIdentity } from "./net/tls.ts";
import type { Provider } from "./provider/provider.ts";
import type { Problem } from "./schema/problem.ts";
import { defaultTransportOptions } from "./service/http1-transport.ts";
import { toKeepAlive } from "./service/tcp/tcp-transport.ts";
import { createAccessLog } from "./telemetry/access-log.ts";
import type { AccessLog } from "./telemetry/access-log.ts";
import { openLogOutput } from "./telemetry/log-output.ts";
import type { LogOutput } from "./telemetry/log-output.ts";
import type { Logger } from "./telemetry/logger.ts";
import { MetricsRegistry } from "./telemetry/metrics-registry.ts";
import { createProxyMetrics } from "./telemetry/proxy-metrics.ts";
import type { ProxyMetrics } from "./telemetry/proxy-metrics.ts";
import { createSelfSigned } from "./tls/self-signed.ts";

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
  /** Whether Kubernetes is a simulated one, whose Services and Nodes have no addresses of their own. Default: false. */
  readonly endpointsOnly?: boolean;
}

/** A running proxy. */
export class Proxy {
  readonly #options: ProxyOptions;
  readonly #state = new StateStore();
  readonly #deadlines = new Deadlines();
  readonly #metrics: ProxyMetrics | undefined;
  readonly #expiry: CertificateExpiry | undefined;
  readonly #accessOutput: LogOutput | undefined;
  readonly #accessLog: AccessLog | undefined;
  readonly #entryPoints: EntryPointSet;
  readonly #internal: InternalProvider;
  readonly #redirects = new RedirectServices();
  readonly #watcher: ConfigurationWatcher;
  /** Made once, so that clients that have accepted it are not asked again at each reload. */
  #defaultIdentity: TlsIdentity | undefined = undefined;
  #clientTls: DefaultTls | undefined = undefined;
  #table: RoutingTable | undefined = undefined;
  #stopping: Promise<void> | undefined = undefined;

  constructor(options: ProxyOptions) {
    this.#options = options;
    const { config, runtime } = options;
    this.#metrics = this.#createMetrics();
    this.#expiry = this.#metrics && new CertificateExpiry(this.#metrics);
    this.#accessOutput = this.#openAccessLog();
    this.#accessLog = this.#accessOutput === undefined
      ? undefined
      : createAccessLog(accessLogOptions(config), this.#accessOutput);
    this.#entryPoints = this.#createEntryPoints();
    this.#internal = createInternalProvider(config);
    this.#redirects.follow(config.entryPoints);
    const providers = [
      this.#internal,
      ...createProviders(config, { runtime, logger: options.logger, endpointsOnly: options.endpointsOnly }),
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
    return this.#entryPoints.places;
  }

  /** The table in force. */
  get table(): RoutingTable | undefined {
    return this.#table;
  }

  /**
   * Opens the entry points, then starts the providers. Resolves when it serves.
   * @throws {ProxyError} `listen-failed`, `proxy-stopped`, `bad-root-ca`, `bad-servers-transport`; what was opened is
   *   closed again, and the proxy stays stopped
   */
  async start(): Promise<void> {
    try {
      const { config, runtime } = this.#options;
      this.#clientTls = await readDefaultTls(config, runtime);
      this.#defaultIdentity = runtime.loadIdentity(await createSelfSigned(Date.now()));
      await this.#entryPoints.open();
      await this.#watcher.start();
      await this.#entryPoints.settled();
    } catch (error) {
      this.#stopping ??= this.#close(0);
      await this.#stopping;
      throw error;
    }
  }

  /**
   * Opens one more entry point, and gives it the routers that name it.
   * @throws {ProxyError} `listen-failed`; `duplicate-entry-point`; `proxy-stopped`
   */
  addEntryPoint(name: string, definition: EntryPointConfiguration): Promise<EntryPointPlace> {
    return this.#entryPoints.add(name, definition);
  }

  /**
   * Opens, closes and changes entry points, so that they are as defined; the others notice nothing.
   * @throws {ProxyError} `listen-failed`, `build-failed`, `proxy-stopped`; everything is as it was
   */
  changeEntryPoints(definitions: Readonly<Record<string, EntryPointConfiguration>>): Promise<EntryPointChange> {
    return this.#entryPoints.change(definitions);
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
    const lifeCycles = Object.values(this.#entryPoints.definitions).map(({ transport }) => transport.lifeCycle);
    await pause(Math.max(0, ...lifeCycles.map(({ requestAcceptGraceTimeout }) => requestAcceptGraceTimeout)));
    await this.#close();
  }

  /** @param graceMs how long requests may take. Default: what their entry point says */
  async #close(graceMs?: number): Promise<void> {
    // at the same time: a provider that hangs must not keep clients from being told to go
    await Promise.all([this.#watcher.stop(), this.#entryPoints.close(graceMs)]);
    this.#state.begin();
    this.#state.commit();
    this.#accessLog?.flush();
    await this.#accessOutput?.close();
  }

  #swap(table: RoutingTable): void {
    this.#table = table;
    this.#entryPoints.swap(table);
    this.#expiry?.follow(table.status.certificates);
  }

  #rebuild(definitions: StaticConfiguration["entryPoints"]): boolean {
    this.#redirects.follow(definitions);
    this.#internal.follow(definitions);
    return this.#watcher.rebuild();
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

  #createEntryPoints(): EntryPointSet {
    const { config, runtime, logger } = this.#options;
    const metrics = this.#metrics;
    const parts = { config, runtime, logger, deadlines: this.#deadlines, metrics, accessLog: this.#accessLog };
    return new EntryPointSet({
      definitions: config.entryPoints,
      metrics,
      create: (name, definition) => createEntryPoint(name, definition, parts),
      rebuild: (definitions) => this.#rebuild(definitions),
    });
  }

  #buildContext(providers: readonly Provider[]): BuildContext {
    const { config, runtime, logger } = this.#options;
    const { forwardingTimeouts, maxIdleConnsPerHost } = config.serversTransport;
    return {
      runtime,
      logger,
      state: this.#state,
      deadlines: this.#deadlines,
      entryPoints: () => entryPointFacts(this.#entryPoints.definitions),
      defaultSyntax: config.core.defaultRuleSyntax,
      middlewares: middlewareRegistry,
      internalServices: this.#internalServices(providers),
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
        keepAliveMs: toKeepAlive(config.tcpServersTransport.dialKeepAlive),
      },
      meters: this.#metrics === undefined ? undefined : createBuildMeters(this.#metrics, this.#state),
      keepsHeaders: this.#accessLog?.needsRequestHeaders ?? false,
      defaultIdentity: () => this.#defaultIdentity,
      clientTls: () => this.#clientTls?.http,
      tcpClientTls: () => this.#clientTls?.tcp,
    };
  }

  /** The map grows when entry points get redirections. */
  #internalServices(providers: readonly Provider[]): ReadonlyMap<string, Handler> {
    const { config, version } = this.#options;
    const features = {
      tracing: "",
      metrics: this.#metrics === undefined ? "" : "Prometheus",
      accessLog: this.#accessLog !== undefined,
    };
    const names = providers.map(({ name }) => name).filter((name) => name !== "internal");
    const facts = {
      entryPoints: () => this.#entryPoints.list(),
      providers: names.map(traefikSpelling),
      features,
      problems: this.#options.problems ?? (() => []),
    };
    const own = internalServices(createApi({
      snapshot: () => takeSnapshot(this.#table, facts),
      version,
      startDate: new Date(),
      awaited: () => firstStates(this.#watcher.awaited),
      isStopping: () => this.#stopping !== undefined,
      terminatingStatusCode: config.ping?.terminatingStatusCode,
      metrics: this.#metrics?.registry,
      basePath: config.api?.basePath,
      dashboard: config.api?.dashboard,
    }));
    const { handlers } = this.#redirects;
    for (const [name, handler] of own) handlers.set(name, handler);
    return handlers;
  }
}

function accessLogOptions({ accessLog }: StaticConfiguration): Parameters<typeof createAccessLog>[0] {
  if (accessLog === undefined) return {};
  const { format, filters, fields, bufferingSize } = accessLog;
  const { statusCodes, retryAttempts, minDuration } = filters;
  return { format, bufferingSize, fields, filters: { statusCodes, retryAttempts, minDurationMs: minDuration } };
}

/** What `/ping` says is waited for; undefined: nothing any more. */
function firstStates(providers: readonly string[] | undefined): string | undefined {
  if (providers === undefined) return undefined;
  return providers.length === 0 ? "the first routing table" : `the first configuration of ${providers.join(", ")}`;
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

function pause(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
