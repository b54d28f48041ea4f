// `weir dev PATH…`: a local cluster out of manifests, and the proxy in front of it.

import { createDevCluster } from "../dev/dev-cluster.ts";
import type { DevCluster } from "../dev/dev-cluster.ts";
import { type KubeObject, nameOf, namespaceOf } from "../dev/kube/object.ts";
import { parseServiceMaps } from "../dev/cluster/service-map.ts";
import { asksForAddress } from "../dev/cluster/simulated-address.ts";
import { createServeHttp } from "../entrypoint/serve-http.ts";
import type { ServedHttp } from "../http/http-serve.ts";
import { fetchHandler } from "../control/internal-services.ts";
import { toProxyError } from "../net/error.ts";
import type { Runtime } from "../net/runtime.ts";
import { Proxy } from "../proxy.ts";
import type { ProxyOptions } from "../proxy.ts";
import { validateObject } from "../provider/kubernetes/crd/schemas.ts";
import { middlewareRegistry } from "../middleware/registry.ts";
import type { Problem } from "../schema/problem.ts";
import type { Logger } from "../telemetry/logger.ts";
import { VERSION } from "../version.ts";
import { exitCode, openLog, readyLine, stopSignal, tellGaps, tellProblems } from "./command.ts";
import { followEntryPoints } from "./dev-entry-points.ts";
import { weirDefinitions } from "./crds.ts";
import { shownKinds } from "./dev-kinds.ts";
import type { DevArguments } from "./dev-options.ts";
import { devConfiguration, parseDevArguments } from "./dev-options.ts";

const LOOPBACK = "127.0.0.1";

/** Runs until a signal. @returns the exit code */
export async function runDev(runtime: Runtime, args: readonly string[]): Promise<number> {
  const wanted = parseDevArguments(args);
  if ("usage" in wanted) {
    runtime.stderr(`weir dev: ${wanted.usage}\n`);
    return exitCode.usage;
  }
  const { problems: badMaps } = parseServiceMaps(wanted.maps);
  if (badMaps.length > 0) {
    await tellProblems(runtime, badMaps);
    return exitCode.usage;
  }
  const missing = await missingPaths(runtime, wanted.paths);
  if (missing.length > 0) {
    await tellProblems(runtime, missing);
    return exitCode.failed;
  }
  const stopped = stopSignal(runtime);
  const loaded = await devConfiguration(runtime, wanted.flags);
  await tellProblems(runtime, loaded.problems);
  if (loaded.configuration === undefined) return exitCode.failed;
  const { logger, output } = openLog(runtime, loaded.configuration);
  runtime.onUncaught((error) => logger.error("nobody caught an error", { error }));
  tellGaps(runtime, logger);
  const session = new DevSession(runtime, logger, wanted);
  try {
    await session.start(loaded.configuration);
  } catch (thrown) {
    runtime.stderr(`weir dev: ${toProxyError(thrown).message}\n`);
    await session.stop();
    return exitCode.failed;
  }
  await stopped;
  await session.stop();
  await output.close();
  return exitCode.ok;
}

/** A path that is missing at start is a mistyped one; later, files may come and go. */
async function missingPaths(runtime: Runtime, paths: readonly string[]): Promise<Problem[]> {
  const missing: Problem[] = [];
  for (const path of paths) {
    if (await runtime.files.exists(path)) continue;
    const message = `${JSON.stringify(path)} does not exist: a manifest file or a folder of them was wanted`;
    missing.push({ severity: "error", code: "unreadable", message, source: { type: "file", file: path } });
  }
  return missing;
}

/** One run of `weir dev`. */
class DevSession {
  readonly #runtime: Runtime;
  readonly #logger: Logger;
  readonly #wanted: DevArguments;
  readonly #cluster: DevCluster;
  #api: ServedHttp | undefined = undefined;
  #proxy: Proxy | undefined = undefined;
  #unfollow: (() => void) | undefined = undefined;
  #unlisten: (() => void) | undefined = undefined;
  /** What is wrong with the manifests as they were read last. */
  #manifestProblems: readonly Problem[] = [];

  constructor(runtime: Runtime, logger: Logger, wanted: DevArguments) {
    this.#runtime = runtime;
    this.#logger = logger;
    this.#wanted = wanted;
    const serve = createServeHttp(runtime, (error) => logger.error("a local service failed", { error }));
    this.#cluster = createDevCluster({
      paths: wanted.paths,
      maps: wanted.maps,
      runtime,
      logger,
      serve,
      validate: (object) => validateObject(object, middlewareRegistry),
      definitions: weirDefinitions(),
      ...(wanted.kubeVersion !== undefined && { kubernetes: wanted.kubeVersion }),
      onReload: (problems) => void this.#reloaded(problems),
    });
  }

  async start(config: ProxyOptions["config"]): Promise<void> {
    const { problems } = await this.#cluster.start();
    this.#manifestProblems = problems;
    await tellProblems(this.#runtime, problems);
    this.#api = await this.#serveApi();
    const endpoint = `http://${LOOPBACK}:${this.#api.port}`;
    const { kubernetesCRD, kubernetesIngress } = config.providers;
    const proxy = new Proxy({
      runtime: this.#runtime,
      logger: this.#logger,
      version: VERSION,
      problems: () => this.#manifestProblems,
      endpointsOnly: true,
      config: {
        ...config,
        providers: {
          ...config.providers,
          ...(kubernetesCRD !== undefined && { kubernetesCRD: { ...kubernetesCRD, endpoint } }),
          ...(kubernetesIngress !== undefined && { kubernetesIngress: { ...kubernetesIngress, endpoint } }),
        },
      },
    });
    this.#proxy = proxy;
    const follower = followEntryPoints(this.#cluster, proxy, this.#runtime, config);
    this.#unfollow = follower.stop;
    await follower.first;
    await proxy.start();
    await this.#cluster.settled();
    this.#greet(proxy, endpoint);
    this.#tellOfAddresses(config);
  }

  async stop(): Promise<void> {
    this.#unfollow?.();
    this.#unlisten?.();
    await this.#proxy?.stop();
    await this.#cluster.stop();
    await this.#api?.close();
  }

  /** Says once, to the first who asks for them, that addresses of Services and Nodes are not what requests go to. */
  #tellOfAddresses({ providers }: ProxyOptions["config"]): void {
    const tell = (who: string): void => {
      this.#unlisten?.();
      this.#logger.info(`${who}: endpoints stand in for the addresses of Services and Nodes, which lead nowhere here`);
    };
    if ([providers.kubernetesCRD, providers.kubernetesIngress].some((each) => each?.nativeLBByDefault === true)) {
      return tell("nativeLBByDefault is on");
    }
    const look = (object: KubeObject): boolean => {
      if (!asksForAddress(object)) return false;
      tell(`${object.kind} ${namespaceOf(object)}/${nameOf(object)} asks for nativeLB or nodePortLB`);
      return true;
    };
    const { store } = this.#cluster;
    if ([...store.all()].some(look)) return;
    this.#unlisten = store.subscribe(({ type, object }) => void (type !== "DELETED" && look(object)));
  }

  async #reloaded(problems: readonly Problem[]): Promise<void> {
    this.#manifestProblems = problems;
    const found = problems.length === 0
      ? "nothing is wrong with them"
      : `${problems.length} things are wrong with them`;
    this.#runtime.stderr(`weir dev: manifests read again, ${found}\n`);
    await tellProblems(this.#runtime, problems);
  }

  /** The API is looked for where `kubectl proxy` would be; where that is taken, any port does. */
  async #serveApi(): Promise<ServedHttp> {
    const serve = createServeHttp(this.#runtime, (error) => this.#logger.error("the local API failed", { error }));
    const handler = fetchHandler((request) => this.#cluster.fetch(request));
    try {
      return await serve({ host: LOOPBACK, port: this.#wanted.kubePort }, handler);
    } catch (error) {
      if (this.#wanted.kubePortGiven) throw error;
      return await serve({ host: LOOPBACK, port: 0 }, handler);
    }
  }

  #greet(proxy: Proxy, endpoint: string): void {
    const { stdout } = this.#runtime;
    const kube = { name: "kube", host: LOOPBACK, port: this.#api?.port ?? 0 };
    stdout(readyLine([...proxy.addresses, kube]));
    stdout(`  kubectl --server ${endpoint} get ${shownKinds(this.#cluster.store.all()).join(",")} -A\n`);
    const traefik = proxy.addresses.find(({ name }) => name === "traefik");
    if (traefik !== undefined) stdout(`  http://${traefik.host}:${traefik.port}/api/problems shows what is wrong\n`);
    for (const { namespace, name, ports, udpPorts } of this.#cluster.pods()) {
      if (ports.size + udpPorts.size === 0) continue; // mapped to a real process
      const tcp = [...ports.values()].map((port) => `${LOOPBACK}:${port}`);
      const addresses = [...tcp, ...[...udpPorts.values()].map((port) => `${LOOPBACK}:${port}/udp`)].join(", ");
      stdout(`  pod ${namespace}/${name} listens on ${addresses}\n`);
    }
  }
}
