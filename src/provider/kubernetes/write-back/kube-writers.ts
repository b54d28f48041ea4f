// What the Kubernetes providers of one process share for writing: one leader election for each lease.

import type { Files, Runtime } from "../../../net/runtime.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import type { KubeConnections } from "../client/connection.ts";
import type { KubeClient } from "../client/kube-client.ts";
import type { ConnectionOptions } from "../client/target.ts";
import { Election, type ElectionTiming } from "./election.ts";
import { EventRecorder } from "./event-recorder.ts";
import { defaultLeaseName, type LeaseFilters } from "./lease-name.ts";
import { ProviderWriteBack, type SharedWriter, type WriteBack, type WriteBackOptions } from "./write-back.ts";

/** Options of a provider about the lease, with durations in milliseconds. */
export interface LeaderElectionOptions {
  /** Absent or empty: after what the provider selects. */
  readonly leaseName?: string | undefined;
  /** Absent or empty: the Pod's own, or that of the kubeconfig's context, else `default`. */
  readonly leaseNamespace?: string | undefined;
  readonly leaseDuration?: number | undefined;
  readonly renewDeadline?: number | undefined;
  readonly retryPeriod?: number | undefined;
}

/** Everything that decides with whom a provider shares. */
export interface WriterOptions extends WriteBackOptions {
  readonly connection: ConnectionOptions;
  readonly filters: LeaseFilters;
  readonly leaderElection?: LeaderElectionOptions | undefined;
}

/** What they work with. */
export interface KubeWritersDependencies {
  readonly connections: KubeConnections;
  readonly runtime: Pick<Runtime, "env" | "hostname" | "pid"> & { readonly files: Pick<Files, "readText"> };
  readonly logger: Logger;
}

/** As client-go's: the lease outlives its holder by up to 15 s. */
const TIMING: ElectionTiming = { leaseMs: 15_000, renewMs: 10_000, retryMs: 2_000 };
const NAMESPACE_FILE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/** All elections of a process. */
export class KubeWriters {
  readonly #dependencies: KubeWritersDependencies;
  readonly #identity: string;
  readonly #shared: Map<string, SharedWriter>;

  constructor(dependencies: KubeWritersDependencies) {
    const { runtime } = dependencies;
    this.#dependencies = dependencies;
    this.#identity = `${runtime.hostname}_${runtime.pid}_${crypto.randomUUID()}`;
    this.#shared = new Map();
  }

  /** The writing side of a provider. Nothing is asked before it is started. */
  open(options: WriterOptions): WriteBack {
    const { connection, filters, leaderElection = {} } = options;
    const { leaseName = "", leaseNamespace = "" } = leaderElection;
    const name = leaseName === "" ? defaultLeaseName(filters) : leaseName;
    const timing = {
      leaseMs: leaderElection.leaseDuration ?? TIMING.leaseMs,
      renewMs: leaderElection.renewDeadline ?? TIMING.renewMs,
      retryMs: leaderElection.retryPeriod ?? TIMING.retryMs,
    };
    const { endpoint = "", token = "", certAuthFilePath = "" } = connection;
    const key = JSON.stringify([endpoint, token, certAuthFilePath, leaseNamespace, name, timing]);
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      const forget = () => void this.#shared.delete(key);
      this.#shared.set(key, shared = this.#create(connection, { namespace: leaseNamespace, name, timing, forget }));
    }
    return new ProviderWriteBack(shared, options);
  }

  #create(
    options: ConnectionOptions,
    lease: {
      readonly namespace: string;
      readonly name: string;
      readonly timing: ElectionTiming;
      readonly forget: () => void;
    },
  ): SharedWriter {
    const connection = this.#dependencies.connections.open(options);
    const { client } = connection;
    const listeners = new Set<() => void>();
    const changed = () => listeners.forEach((listener) => listener());
    const election: Election = new Election({
      client,
      namespace: () => this.#namespaceOf(lease.namespace, client),
      name: lease.name,
      identity: this.#identity,
      timing: lease.timing,
      logger: this.#dependencies.logger,
      changed: () => {
        recorder.look();
        changed();
      },
    });
    const recorder: EventRecorder = new EventRecorder({
      client,
      instance: this.#dependencies.runtime.hostname,
      // Two replicas would each count what both see.
      mayWrite: () => election.standing === "leading",
      changed,
    });
    const end = async () => {
      lease.forget();
      await recorder.stop();
      await election.stop();
      connection.close();
    };
    const join = (listener: () => void) => {
      listeners.add(listener);
      return async () => {
        if (listeners.delete(listener) && listeners.size === 0) await end();
      };
    };
    return { connection, election, recorder, join };
  }

  /** @throws {KubeError} `misconfigured` */
  async #namespaceOf(option: string, client: KubeClient): Promise<string> {
    if (option !== "") return option;
    const { env, files } = this.#dependencies.runtime;
    if ((env["KUBERNETES_SERVICE_HOST"] ?? "") === "") return await client.contextNamespace() || FALLBACK;
    const own = await files.readText(NAMESPACE_FILE).catch(() => "");
    return own.trim() || FALLBACK;
  }
}

const FALLBACK = "default";
