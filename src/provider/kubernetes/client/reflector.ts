// Keeps one kind (in one namespace) in step with the API server: list once, then watch, for ever.

import type { Problem } from "../../../schema/problem.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import type { KubeObject } from "../store/object.ts";
import { backoffMs, KEPT, type RetryGate } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { delay } from "./delay.ts";
import type { KubeClient } from "./kube-client.ts";
import { KubeError, toKubeError } from "./kube-error.ts";
import { describe, list, type Selection } from "./list.ts";
import { accessProblem } from "./rbac.ts";
import { isOlder } from "./resource-version.ts";
import { watch, type WatchSink } from "./watch.ts";

const PATIENCE_STEPS = 4; // doublings of a request's patience: 3 s up to 48 s
const GONE_AFTER = 3; // 404 answers in a row, 30 s apart, until a kind that was there counts as removed
const REGRESSION_LIMIT = 5; // older lists in a row until the server is believed to have been restored from a backup

/** Where a reflector's objects go. */
export interface ReflectorSink extends WatchSink {
  /** All objects there are: whatever else is kept is gone. */
  replace(objects: readonly KubeObject[]): void;
  /** Whether anything is kept. */
  readonly isEmpty: boolean;
}

/** `waiting`: not yet known; the others are settled. */
export type ReflectorStatus = "waiting" | "synced" | "forbidden" | "not-served";

/** What a reflector is made of. */
export interface ReflectorOptions {
  readonly client: KubeClient;
  readonly selection: Selection;
  readonly sink: ReflectorSink;
  readonly gate: RetryGate;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The status changed. */
  readonly changed: () => void;
}

/** One list-and-watch loop. */
export class Reflector {
  readonly #options: ReflectorOptions;
  #resourceVersion: string | undefined;
  #newest: string;
  #stalls: number;
  #shortWatches: number;
  #notServed: number;
  #regressions: number;
  #failures: number;
  #tokenRefused: boolean;
  #watchRefused: boolean;
  #reported: string | undefined;
  #status: ReflectorStatus;
  #problem: Problem | undefined;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#resourceVersion = undefined;
    this.#newest = "";
    this.#stalls = 0;
    this.#shortWatches = 0;
    this.#notServed = 0;
    this.#regressions = 0;
    this.#failures = 0;
    this.#tokenRefused = false;
    this.#watchRefused = false;
    this.#reported = undefined;
    this.#status = "waiting";
    this.#problem = undefined;
  }

  get status(): ReflectorStatus {
    return this.#status;
  }

  /** Whether the kind was read at least once. */
  get wasSynced(): boolean {
    return this.#newest !== "";
  }

  /** What keeps this kind from being read, once that is settled. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  get selection(): Selection {
    return this.#options.selection;
  }

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === undefined) await this.#list(signal);
        else await this.#watch(signal, this.#resourceVersion);
      } catch (thrown) {
        if (!signal.aborted) await this.#recover(toKubeError(thrown, describe(this.selection)), signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, selection, sink } = this.#options;
    const { objects, resourceVersion } = await list(client, selection, { signal, patienceMs: this.#patienceMs });
    if (signal.aborted) return;
    this.#refuseRegression(resourceVersion, objects.length);
    this.#answered();
    sink.replace(objects);
    this.#resourceVersion = resourceVersion;
    this.#newest = resourceVersion;
    if (!this.#watchRefused) this.#recovered();
  }

  /** A list older than what was seen is a stale or restored server: an empty one never replaces what is served. */
  #refuseRegression(resourceVersion: string, count: number): void {
    if (!isOlder(resourceVersion, this.#newest)) {
      this.#regressions = 0;
      return;
    }
    const empties = count === 0 && !this.#options.sink.isEmpty;
    if (!empties && ++this.#regressions > REGRESSION_LIMIT) return;
    const what = `the resourceVersion went back from ${this.#newest} to ${resourceVersion}`;
    const text = `${describe(this.selection)}: ${what}${empties ? ", and the list is empty" : ""}`;
    throw new KubeError(text, { failure: "bad-answer" });
  }

  async #watch(signal: AbortSignal, resourceVersion: string): Promise<void> {
    const { client, selection, sink, clock } = this.#options;
    const end = await watch(client, selection, {
      resourceVersion,
      sink,
      clock,
      signal,
      patienceMs: this.#patienceMs,
      opened: () => {
        this.#watchRefused = false;
        this.#answered();
        this.#recovered();
      },
      reached: (version) => {
        this.#resourceVersion = version;
        this.#newest = version;
        this.#shortWatches = 0;
      },
    });
    if (signal.aborted || end.events > 0) return;
    // A server that forgot its history keeps a watch from the future silent for ever (measured): list again.
    if (end.lastedMs >= clock.shortWatchMs) this.#resourceVersion = undefined;
    else await this.#pause(signal);
  }

  /** Watches that bring nothing: each waits longer than the one before. */
  async #pause(signal: AbortSignal): Promise<void> {
    await delay(backoffMs(this.#shortWatches++, this.#options.clock.random), signal);
  }

  get #patienceMs(): number {
    return this.#options.clock.patienceMs * 2 ** Math.min(this.#stalls, PATIENCE_STEPS);
  }

  #answered(): void {
    this.#stalls = 0;
    this.#failures = 0;
    this.#notServed = 0;
    this.#tokenRefused = false;
    this.#options.gate.succeeded();
  }

  #recovered(): void {
    if (this.#reported !== undefined) {
      this.#options.logger.info(`Kubernetes API: ${describe(this.selection)} works again`);
      this.#reported = undefined;
    }
    this.#settle("synced", undefined);
  }

  async #recover(error: KubeError, signal: AbortSignal): Promise<void> {
    const { gate, clock } = this.#options;
    switch (error.failure) {
      case "expired":
        return await this.#relist(signal);
      case "stalled":
        this.#stalls++;
        return this.#reportOutage(error);
      case "unauthorized":
        return await this.#retryWithNewToken(error, signal);
      case "throttled":
        this.#report(error);
        return await delay(Math.max(error.retryAfterMs, backoffMs(0, clock.random)), signal);
      case "forbidden":
      case "not-served":
        return await this.#degrade(error, signal);
      case "bad-answer":
        this.#resourceVersion = undefined; // what was applied of a broken stream may not be all there was
        this.#report(error);
        return await gate.wait(signal);
      case "unreachable":
        this.#reportOutage(error);
        // After an outage it may be another server, which has never heard of our version: ask for everything.
        if (this.#failures > 1) this.#resourceVersion = undefined;
        return await gate.wait(signal);
      default:
        this.#report(error);
        return await gate.wait(signal);
    }
  }

  /** History ran out. The store keeps serving until the new list is there; a server that always says so is not hurried. */
  async #relist(signal: AbortSignal): Promise<void> {
    this.#resourceVersion = undefined;
    if (this.#shortWatches > 0) await this.#pause(signal);
    else this.#shortWatches++;
  }

  /** The file is read again at once; a second refusal is an outage like any other. */
  async #retryWithNewToken(error: KubeError, signal: AbortSignal): Promise<void> {
    if (this.#tokenRefused) {
      this.#report(error);
      await this.#options.gate.wait(signal);
    }
    this.#tokenRefused = true;
  }

  /** This kind only: what was read before stays, the others go on, and it is asked for again from time to time. */
  async #degrade(error: KubeError, signal: AbortSignal): Promise<void> {
    const { gate, sink, clock } = this.#options;
    const failure = error.failure === "forbidden" ? "forbidden" : "not-served";
    gate.succeeded(); // a refusal is an answer
    const verb = this.#resourceVersion === undefined ? "list" : "watch";
    this.#resourceVersion = undefined;
    this.#watchRefused = verb === "watch";
    if (failure === "not-served" && ++this.#notServed >= GONE_AFTER && !sink.isEmpty) sink.replace([]);
    this.#report(error);
    this.#settle(failure, accessProblem(this.selection, verb, failure));
    await delay(clock.reprobeMs, signal);
  }

  #settle(status: ReflectorStatus, problem: Problem | undefined): void {
    const same = this.#status === status && this.#problem?.message === problem?.message;
    this.#status = status;
    this.#problem = problem;
    if (!same) this.#options.changed();
  }

  /** It concerns all kinds, so the gate says it once. A watch that breaks and goes on at the next try is not worth a line. */
  #reportOutage(error: KubeError): void {
    this.#failures++;
    if (this.#status === "waiting" || this.#failures > 1) this.#options.gate.outage(error.message);
  }

  /** Once per change of state, not once per attempt. A kind that is not served may be just not installed. */
  #report(error: KubeError): void {
    if (this.#reported === error.failure) return;
    this.#reported = error.failure;
    const { logger } = this.#options;
    if (error.failure === "not-served") logger.debug(`Kubernetes API: ${error.message}`);
    else logger.error(`Kubernetes API: ${error.message}${KEPT}`);
  }
}
