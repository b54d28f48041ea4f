// Which of several replicas writes: the one that holds a Lease. All of them serve.
//
//   waiting ──free, or unchanged for its whole duration──► leading ──not renewed in time──► waiting
//      └────────403 or 404───────► without a lease: who may is not known, and only harmless things are written

import type { Problem } from "../../../schema/problem.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import { delay } from "../client/delay.ts";
import { isOutage, type KubeClient } from "../client/kube-client.ts";
import { type KubeError, toKubeError } from "../client/kube-error.ts";
import { createLease, type LeaseRecord, type LeaseSpec, readLease, toMicroTime, withSpec } from "./lease.ts";
import { refusal } from "./refusal.ts";

/** Times of an election, in milliseconds, as client-go has them. */
export interface ElectionTiming {
  /** So long others wait after the last sign of life, each by its own clock. */
  readonly leaseMs: number;
  /** A holder that could not renew for so long no longer writes; shorter than `leaseMs`. */
  readonly renewMs: number;
  /** Between two attempts. */
  readonly retryMs: number;
}

/** What an election is about. */
export interface ElectionOptions {
  readonly client: KubeClient;
  /** Asked once, when the election begins. */
  readonly namespace: () => Promise<string>;
  readonly name: string;
  /** Tells this process from all others. */
  readonly identity: string;
  readonly timing: ElectionTiming;
  readonly logger: Logger;
  /** The standing changed. */
  readonly changed: () => void;
}

/** `alone`: leases can't be used; what can't do harm is written, whoever else does the same. */
export type Standing = "waiting" | "leading" | "alone";

const JITTER = 0.2; // of the time between two attempts, so that replicas don't step together
const RELEASE_MS = 1_500; // a process that stops must not wait for an API that does not answer

/** One candidate. Takes part from `start` on. */
export class Election {
  readonly #options: ElectionOptions;
  readonly #abort: AbortController;
  #namespace: string;
  #loop: Promise<void> | undefined;
  /** Set while this process holds the lease: when the last renewal was sent. */
  #renewedAt: number | undefined;
  #lease: LeaseRecord | undefined;
  /** When the lease was last seen to change. */
  #observedAt: number;
  #problem: Problem | undefined;
  #told: Standing;

  constructor(options: ElectionOptions) {
    this.#options = options;
    this.#abort = new AbortController();
    this.#namespace = "";
    this.#loop = undefined;
    this.#renewedAt = undefined;
    this.#lease = undefined;
    this.#observedAt = 0;
    this.#problem = undefined;
    this.#told = "waiting";
  }

  /** Looked at before every write: a lease that could not be renewed ends by itself. */
  get standing(): Standing {
    if (this.#problem !== undefined) return "alone";
    if (this.#renewedAt === undefined) return "waiting";
    return this.#now - this.#renewedAt < this.#options.timing.renewMs ? "leading" : "waiting";
  }

  /** Why leases can't be used. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** Takes part. Does nothing when it does already. */
  start(): void {
    if (!this.#abort.signal.aborted) this.#loop ??= this.#run(this.#abort.signal);
  }

  /** Ends it; who holds the lease gives it away, so that the next one need not wait. The caller writes no more. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
    if (this.standing === "leading") await this.#release();
    this.#renewedAt = undefined;
  }

  get #now(): number {
    return this.#options.client.clock.now();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { client: { clock }, timing } = this.#options;
    while (!signal.aborted) {
      await this.#attempt(signal);
      if (signal.aborted) return;
      this.#tell();
      const wait = this.#problem === undefined ? timing.retryMs : clock.reprobeMs;
      await delay(wait * (1 + clock.random() * JITTER), signal);
    }
  }

  /** One attempt, which ends in any case when the lease would be lost. */
  async #attempt(signal: AbortSignal): Promise<void> {
    const { renewMs } = this.#options.timing;
    const leftMs = this.#renewedAt === undefined ? renewMs : this.#renewedAt + renewMs - this.#now;
    const limit = limited(signal, Math.max(0, leftMs));
    try {
      await this.#tryOnce(limit.signal);
      this.#problem = undefined;
    } catch (thrown) {
      const error = toKubeError(thrown, "take part in the leader election");
      if (!signal.aborted && !isOutage(error) && error.failure !== "conflict") this.#refused(error);
    } finally {
      limit.end();
    }
  }

  async #tryOnce(signal: AbortSignal): Promise<void> {
    if (this.#namespace === "") this.#namespace = await this.#options.namespace();
    if (this.standing === "leading" && this.#lease !== undefined && await this.#renew(this.#lease, signal)) return;
    const lease = await this.#read(signal);
    if (lease === undefined) return await this.#create(signal);
    this.#observe(lease);
    const { identity, timing: { leaseMs } } = this.#options;
    if (lease.holder === identity) return void await this.#renew(lease, signal);
    this.#renewedAt = undefined;
    const isOver = this.#now - this.#observedAt >= Math.max(lease.durationMs, leaseMs);
    if (lease.holder === "" || isOver) await this.#takeOver(lease, signal);
  }

  async #read(signal: AbortSignal): Promise<LeaseRecord | undefined> {
    try {
      return readLease(await this.#options.client.get({ path: this.#path, what: this.#what("get"), signal }));
    } catch (thrown) {
      const error = toKubeError(thrown, this.#what("get"));
      if (error.failure === "not-found") return undefined;
      throw error;
    }
  }

  #observe(lease: LeaseRecord): void {
    const before = this.#lease;
    const isNew = before?.holder !== lease.holder || before.renewTime !== lease.renewTime ||
      before.transitions !== lease.transitions;
    if (isNew) this.#observedAt = this.#now;
    this.#lease = lease;
  }

  async #create(signal: AbortSignal): Promise<void> {
    const { client, name } = this.#options;
    const at = this.#now;
    const time = toMicroTime(new Date());
    const body = createLease(this.#namespace, name, this.#specOf(time, time, 0));
    const path = this.#path.slice(0, this.#path.lastIndexOf("/"));
    this.#hold(await client.post({ path, what: this.#what("create"), signal, body }), at);
  }

  async #takeOver(lease: LeaseRecord, signal: AbortSignal): Promise<void> {
    const time = toMicroTime(new Date());
    await this.#put(lease, this.#specOf(time, time, lease.transitions + 1), signal);
  }

  /** @returns false: somebody else wrote it meanwhile */
  async #renew(lease: LeaseRecord, signal: AbortSignal): Promise<boolean> {
    const time = toMicroTime(new Date());
    try {
      await this.#put(lease, this.#specOf(lease.acquireTime || time, time, lease.transitions), signal);
      return true;
    } catch (thrown) {
      const error = toKubeError(thrown, this.#what("update"));
      if (error.failure === "conflict" || error.failure === "not-found") return false;
      throw error;
    }
  }

  /** The resourceVersion makes it a compare-and-swap. */
  async #put(lease: LeaseRecord, spec: LeaseSpec, signal: AbortSignal): Promise<void> {
    const at = this.#now;
    const body = withSpec(lease, spec);
    this.#hold(await this.#options.client.put({ path: this.#path, what: this.#what("update"), signal, body }), at);
  }

  /** @param sentAt when the request left, so that others can't have waited for less than is counted here */
  #hold(written: Readonly<Record<string, unknown>>, sentAt: number): void {
    this.#lease = readLease(written);
    this.#renewedAt = sentAt;
    this.#observedAt = sentAt;
  }

  #specOf(acquireTime: string, renewTime: string, leaseTransitions: number): LeaseSpec {
    const { identity, timing: { leaseMs } } = this.#options;
    const leaseDurationSeconds = Math.max(1, Math.round(leaseMs / 1000));
    return { holderIdentity: identity, leaseDurationSeconds, acquireTime, renewTime, leaseTransitions };
  }

  async #release(): Promise<void> {
    const limit = limited(undefined, RELEASE_MS);
    try {
      if (this.#lease === undefined || await this.#giveAway(this.#lease, limit.signal)) return;
      // A renewal that nobody waited for may have been written.
      const lease = await this.#read(limit.signal);
      if (lease?.holder === this.#options.identity) await this.#giveAway(lease, limit.signal);
    } catch (thrown) {
      const { message } = toKubeError(thrown, this.#what("update"));
      this.#options.logger.debug(`the lease could not be given away, others wait until it is over: ${message}`);
    } finally {
      limit.end();
    }
  }

  /** @returns false: somebody wrote it meanwhile */
  async #giveAway(lease: LeaseRecord, signal: AbortSignal): Promise<boolean> {
    const time = toMicroTime(new Date());
    const spec = { leaseDurationSeconds: 1, acquireTime: time, renewTime: time, leaseTransitions: lease.transitions };
    for (const body of [withSpec(lease, { holderIdentity: "", ...spec }), withSpec(lease, spec)]) {
      try {
        await this.#options.client.put({ path: this.#path, what: this.#what("update"), signal, body });
        return true;
      } catch (thrown) {
        const error = toKubeError(thrown, this.#what("update"));
        if (error.failure === "conflict") return false;
        if (error.failure !== "invalid") throw error; // some servers take no empty name: none at all says the same
      }
    }
    return false;
  }

  #refused(error: KubeError): void {
    const { name } = this.#options;
    const lease = `the Lease ${this.#namespace}/${name}`;
    const consequence = "statuses of Ingresses are written without it, and no Events";
    if (error.failure === "forbidden") {
      this.#problem = refusal({
        what: `let weir use ${lease}`,
        group: "coordination.k8s.io",
        resource: "leases",
        verbs: ["get", "create", "update"],
        namespace: this.#namespace,
        consequence,
      });
      return;
    }
    this.#problem = {
      severity: "warning",
      code: "kube-no-lease",
      message: `${lease} can't be used: ${error.message}; ${consequence}`,
      hint: "leaderElection.leaseNamespace and .leaseName of the provider say where the lease is",
    };
  }

  #tell(): void {
    const { standing } = this;
    if (standing === this.#told) return;
    const { logger, name } = this.#options;
    if (standing === "leading") logger.info(`this process writes statuses and Events: it holds the lease ${name}`);
    if (this.#told === "leading") logger.info(`this process writes no more: it lost the lease ${name}`);
    this.#told = standing;
    this.#options.changed();
  }

  get #path(): string {
    const { name } = this.#options;
    const namespace = encodeURIComponent(this.#namespace);
    return `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${encodeURIComponent(name)}`;
  }

  #what(verb: string): string {
    return `${verb} leases.coordination.k8s.io`;
  }
}

/** A signal that aborts with another one, or after a while. The caller ends it. */
function limited(parent: AbortSignal | undefined, ms: number): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (parent?.aborted === true) abort();
  parent?.addEventListener("abort", abort);
  const timer = setTimeout(abort, ms);
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer);
      parent?.removeEventListener("abort", abort);
    },
  };
}
