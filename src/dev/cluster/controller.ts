// The simulated cluster's control loop: whenever objects change, pods, listeners and endpoints follow.

import type { DevLogger } from "../dev-logger.ts";
import type { LogLookup } from "../api/context.ts";
import { stableText, textAt, textsAt } from "../json.ts";
import type { HttpServe } from "../../http/http-serve.ts";
import type { Runtime } from "../../net/runtime.ts";
import { type KubeObject, nameOf, namespaceOf } from "../kube/object.ts";
import { labelsOf, matchesPairs } from "../kube/selector.ts";
import { hash32 } from "../hash.ts";
import { Backends, type OpenBackend } from "./backends.ts";
import type { ClusterState } from "./cluster-state.ts";
import { containerAt, createEcho, type EchoLog } from "./echo.ts";
import { type Backing, endpointsObject, isManaged, mappedSlice, podSlice, targetPorts } from "./endpoints.ts";
import { POD_ADDRESS, runningPod } from "./pod.ts";
import { RingLog } from "./pod-log.ts";
import { keepPlaceholders } from "./placeholders.ts";
import { keepPods, keepWorkloadStatus, workloadNameOf } from "./pods.ts";
import type { ServiceMap } from "./service-map.ts";
import { createStubTcp, openStubUdp } from "./stub.ts";

/** A request that an echo backend answered. */
export interface EchoEvent {
  readonly namespace: string;
  readonly pod: string;
  /** Name of the Deployment. */
  readonly workload: string;
  /** The access line. */
  readonly line: string;
}

/** What the control loop needs. */
export interface ControllerOptions {
  readonly state: ClusterState;
  readonly map: ServiceMap;
  readonly serve: HttpServe;
  readonly runtime: Pick<Runtime, "openDatagrams">;
  readonly logger: DevLogger;
  /** Told of each request an echo backend answered. */
  readonly onRequest?: (event: EchoEvent) => void;
}

/** A pod and where it listens. */
export interface DevPod {
  readonly namespace: string;
  readonly name: string;
  readonly workload: string;
  /** Real TCP ports by the ports inside the pod. */
  readonly ports: ReadonlyMap<number, number>;
  /** The same of UDP. */
  readonly udpPorts: ReadonlyMap<number, number>;
}

/** Follows the store until stopped. */
export class ClusterController {
  readonly #options: ControllerOptions;
  readonly #backends = new Backends();
  readonly #podLogs = new Map<string, RingLog>();
  #pods: readonly DevPod[] = [];
  #dirty = false;
  #loop: Promise<void> | undefined = undefined;
  #unsubscribe: (() => void) | undefined = undefined;

  constructor(options: ControllerOptions) {
    this.#options = options;
  }

  /** Finds a pod's log. */
  readonly logs: LogLookup = (namespace, pod) => this.#podLogs.get(`${namespace}/${pod}`);

  /** The pods there are now. */
  get pods(): readonly DevPod[] {
    return this.#pods;
  }

  /** Brings everything in line and goes on following. */
  start(): Promise<void> {
    this.#unsubscribe = this.#options.state.store.subscribe(() => this.#wake());
    this.#wake();
    return this.settled();
  }

  /** Resolves when nothing is left to do. */
  async settled(): Promise<void> {
    while (this.#loop !== undefined) await this.#loop;
  }

  /** Follows no more, and closes all listeners. */
  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#dirty = false;
    await this.settled();
    await this.#backends.stop();
  }

  #wake(): void {
    this.#dirty = true;
    this.#loop ??= this.#run();
  }

  async #run(): Promise<void> {
    while (this.#dirty) {
      await Promise.resolve(); // changes made in one go are followed together
      this.#dirty = false;
      try {
        await this.#reconcile();
      } catch (thrown) {
        this.#options.logger.error("The simulated cluster could not follow a change", { error: thrown });
      }
    }
    this.#loop = undefined;
  }

  async #reconcile(): Promise<void> {
    const { state, map, logger } = this.#options;
    keepPlaceholders(state, map, logger);
    const workloads = keepPods(state);
    const needs = this.#needs();
    await this.#listen(needs);
    this.#keepEndpoints(needs);
    keepWorkloadStatus(state, workloads);
    this.#backends.retain(
      new Set([...needs.values()].flatMap((need) => [...need.ports.values()].map(({ key }) => key))),
    );
    for (const key of this.#podLogs.keys()) if (!needs.has(key)) this.#podLogs.delete(key);
    this.#pods = [...needs.values()].map(toDevPod);
  }

  /** Every pod, with the ports that Services want of it. */
  #needs(): Map<string, PodNeed> {
    const { state } = this.#options;
    const needs = new Map<string, PodNeed>();
    for (const pod of state.list("Pod")) {
      const workload = workloadNameOf(state, pod);
      needs.set(`${namespaceOf(pod)}/${nameOf(pod)}`, { pod, workload, ports: new Map(), failure: undefined });
    }
    for (const service of state.list("Service")) {
      for (const need of this.#behind(service, needs)) {
        for (const { number, protocol } of targetPorts(service, need.pod)) {
          const key = listenerKey(need.pod, number, protocol);
          need.ports.set(`${number}/${protocol}`, { number, protocol, key, real: 0 });
        }
      }
    }
    return needs;
  }

  /** The pods a Service selects; none for one that is mapped elsewhere. */
  #behind(service: KubeObject, needs: ReadonlyMap<string, PodNeed>): PodNeed[] {
    const namespace = namespaceOf(service);
    if (this.#options.map.has(`${namespace}/${nameOf(service)}`)) return [];
    if (textAt(service, "spec", "type") === "ExternalName") return [];
    const selector = textsAt(service, "spec", "selector");
    return [...needs.values()].filter(({ pod }) =>
      namespaceOf(pod) === namespace && matchesPairs(selector, labelsOf(pod))
    );
  }

  async #listen(needs: ReadonlyMap<string, PodNeed>): Promise<void> {
    const { state, logger } = this.#options;
    await Promise.all([...needs].flatMap(([podKey, need]) =>
      [...need.ports.values()].map(async (listener) => {
        const opened = await this.#backends.open(listener.key, () => this.#openBackend(podKey, need, listener));
        if ("port" in opened) listener.real = opened.port;
        else {
          need.failure = opened.failure;
          logger.error("An echo backend could not open its port", { pod: podKey, error: opened.failure });
        }
      })
    ));
    for (const need of needs.values()) {
      const { namespace = "", name } = need.pod.metadata;
      const current = state.get("Pod", namespace, name); // it may have been deleted meanwhile
      if (current !== undefined) need.pod = state.put("Pod", runningPod(current, need.failure));
    }
  }

  /** HTTP, and for whoever speaks something else over TCP, or UDP, a stub. */
  #openBackend(podKey: string, { pod, workload }: PodNeed, { number, protocol }: PodPort): Promise<OpenBackend> {
    this.#logOf(podKey); // so that it can be followed before the first request
    const { onRequest, serve, runtime } = this.#options;
    const [namespace, name] = [namespaceOf(pod), nameOf(pod)];
    const identity = { pod: name, workload };
    const log: EchoLog = (line) => {
      this.#logOf(podKey).write(line);
      onRequest?.({ namespace, pod: name, workload, line: line.text });
    };
    if (protocol === "UDP") return openStubUdp(runtime, { host: POD_ADDRESS, identity, log });
    const echo = createEcho(containerAt(pod, number), identity, log);
    return serve({ host: POD_ADDRESS, port: 0, otherwise: createStubTcp(identity, log) }, echo);
  }

  /** Looked up for each line: a listener may outlive its pod and serve the next one of that name. */
  #logOf(podKey: string): RingLog {
    const log = this.#podLogs.get(podKey) ?? new RingLog();
    this.#podLogs.set(podKey, log);
    return log;
  }

  #keepEndpoints(needs: ReadonlyMap<string, PodNeed>): void {
    const { state, map } = this.#options;
    const slices = new Set<string>();
    const endpoints = new Set<string>();
    for (const service of state.list("Service")) {
      const mapped = map.get(`${namespaceOf(service)}/${nameOf(service)}`) ?? [];
      const backings = this.#behind(service, needs).map((need) => backingOf(service, need));
      const wanted = [
        ...backings.filter(({ ports }) => ports.length > 0).map((backing) => podSlice(service, backing)),
        ...mapped.map((target) => mappedSlice(service, target)),
      ];
      for (const slice of wanted) slices.add(state.put("EndpointSlice", slice).metadata.uid);
      const known = state.get("Endpoints", namespaceOf(service), nameOf(service));
      const ours = known === undefined || isManaged(known);
      if (!ours || (wanted.length === 0 && Object.keys(textsAt(service, "spec", "selector")).length === 0)) continue;
      endpoints.add(state.put("Endpoints", endpointsObject(service, backings, mapped)).metadata.uid);
    }
    removeStale(state, "EndpointSlice", slices);
    removeStale(state, "Endpoints", endpoints);
  }
}

/** What one pod must offer. */
interface PodNeed {
  pod: KubeObject;
  readonly workload: string;
  /** By port inside the pod and protocol. */
  readonly ports: Map<string, PodPort>;
  failure: string | undefined;
}

/** One port inside a pod, and where it really is; `real` is 0 until it is open. */
interface PodPort {
  readonly number: number;
  readonly protocol: "TCP" | "UDP";
  readonly key: string;
  real: number;
}

/** A pod whose container changes gets another listener: its pages are decided when it opens. */
function listenerKey(pod: KubeObject, port: number, protocol: string): string {
  const container = hash32(stableText(containerAt(pod, port)));
  return `${namespaceOf(pod)}/${nameOf(pod)}:${port}/${protocol}/${container}`;
}

function backingOf(service: KubeObject, need: PodNeed): Backing {
  const ports = targetPorts(service, need.pod).flatMap(({ name, number, protocol }) => {
    const real = need.ports.get(`${number}/${protocol}`)?.real ?? 0;
    return real === 0 ? [] : [{ name, port: real, protocol }];
  });
  return { pod: need.pod, ports };
}

function removeStale(state: ClusterState, kind: string, kept: ReadonlySet<string>): void {
  for (const object of state.list(kind)) {
    if (isManaged(object) && !kept.has(object.metadata.uid)) state.remove(kind, object);
  }
}

function toDevPod({ pod, workload, ports }: PodNeed): DevPod {
  const real = (wanted: string): Map<number, number> =>
    new Map([...ports.values()].filter(({ protocol }) => protocol === wanted).map((port) => [port.number, port.real]));
  return { namespace: namespaceOf(pod), name: nameOf(pod), workload, ports: real("TCP"), udpPorts: real("UDP") };
}
