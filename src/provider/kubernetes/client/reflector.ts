// Keeps one kind (in one namespace, or one object) in step with the API server: list once, then watch, for ever.

import type { Problem } from "../../../schema/problem.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import type { KubeObject } from "../store/object.ts";
import { backoffMs } from "./backoff.ts";
import { delay } from "./delay.ts";
import type { Discovery } from "./discovery.ts";
import { isOutage, type KubeClient } from "./kube-client.ts";
import { KubeError, toKubeError } from "./kube-error.ts";
import { describe, list, listVersion, type Selection } from "./list.ts";
import { forbiddenProblem, notServedProblem } from "./rbac.ts";
import { isOlder } from "./resource-version.ts";
import type { Turn } from "./retry-gate.ts";
import { type ReflectorStatus, Standing } from "./standing.ts";
import { watch, type WatchSink } from "./watch.ts";

const PATIENCE_STEPS = 4; // doublings of a request's patience: 3 s up to 48 s
const REPROBE_STEPS = 2; // doublings of the time between two questions for a forbidden kind: 30 s up to 2 min

/** Where a reflector's objects go. */
export interface ReflectorSink extends WatchSink {
  /** All objects there are: whatever else is kept is gone. */
  replace(objects: readonly KubeObject[]): void;
  /** Whether anything is kept. */
  readonly isEmpty: boolean;
}

/** What a reflector is made of. */
export interface ReflectorOptions {
  readonly client: KubeClient;
  readonly discovery: Discovery;
  readonly selection: Selection;
  readonly sink: ReflectorSink;
  readonly logger: Logger;
  /** The status changed. */
  readonly changed: () => void;
}

/** One list-and-watch loop. */
export class Reflector {
  readonly #options: ReflectorOptions;
  /** The selection in the form of the kind that is served. */
  #served: Selection;
  #resourceVersion: string | undefined;
  #newest: string;
  #stalls: number;
  #shortWatches: number;
  /** Restores of the server that its objects are of. */
  #restores: number;
  #failures: number;
  #refusals: number;
  /** Lists may succeed and watches fail: only a watch that works ends such a row of failures. */
  #isBroken: boolean;
  #tokenRefused: boolean;
  #watchRefused: boolean;
  #notServedSince: number | undefined;
  #waitMs: number;
  readonly #standing: Standing;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#served = options.selection;
    this.#resourceVersion = undefined;
    this.#newest = "";
    this.#stalls = 0;
    this.#shortWatches = 0;
    this.#restores = options.client.history.restores;
    this.#failures = 0;
    this.#refusals = 0;
    this.#isBroken = false;
    this.#tokenRefused = false;
    this.#watchRefused = false;
    this.#notServedSince = undefined;
    this.#waitMs = 0;
    this.#standing = new Standing(options.logger, options.changed);
  }

  get status(): ReflectorStatus {
    return this.#standing.status;
  }

  /** Whether the kind was read at least once. */
  get wasSynced(): boolean {
    return this.#newest !== "";
  }

  /** What keeps this kind from being read, once that is settled. */
  get problem(): Problem | undefined {
    return this.#standing.problem;
  }

  get selection(): Selection {
    return this.#options.selection;
  }

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#resourceVersion === undefined && !await this.#choose(signal)) continue;
      const waitMs = this.#waitMs;
      this.#waitMs = 0;
      const turn = await this.#options.client.gate.enter(signal, waitMs);
      try {
        if (!signal.aborted) await this.#cycle(turn, signal);
      } catch (thrown) {
        if (!signal.aborted) await this.#recover(toKubeError(thrown, describe(this.#served)), turn, signal);
      } finally {
        turn.left();
      }
    }
  }

  /** Finds the form of the kind that is served. @returns whether there is one */
  async #choose(signal: AbortSignal): Promise<boolean> {
    const { discovery, selection } = this.#options;
    try {
      const maxAgeMs = this.#notServedSince === undefined ? Infinity : discovery.recentMs;
      const form = await discovery.find(selection.resource, signal, maxAgeMs);
      if (signal.aborted) return false;
      if (form === undefined) {
        await this.#missing(signal);
        return false;
      }
      this.#served = { ...selection, resource: form };
      return true;
    } catch (thrown) {
      // Discovery has told the gate, which lets nobody ask too soon.
      if (!signal.aborted) await this.#discoveryFailed(toKubeError(thrown, "discover API groups"), signal);
      return false;
    }
  }

  async #discoveryFailed(error: KubeError, signal: AbortSignal): Promise<void> {
    if (error.failure === "unauthorized" && !this.#tokenRefused) {
      this.#tokenRefused = true;
      return;
    }
    this.#options.client.gate.outage(error.message);
    await delay(backoffMs(this.#failures++, this.#options.client.clock.random), signal);
  }

  async #cycle(turn: Turn, signal: AbortSignal): Promise<void> {
    if (this.#resourceVersion !== undefined) {
      const isExpired = await this.#watchFrom(this.#resourceVersion, turn, signal);
      if (!isExpired || !turn.again()) return;
    }
    await this.#list(turn, signal);
    if (signal.aborted) return;
    if (!this.#isBroken) return turn.succeeded();
    // Lists alone prove nothing while watches fail, so this one is tried in the same turn.
    if (this.#resourceVersion !== undefined && turn.again()) await this.#watch(turn, signal, this.#resourceVersion);
  }

  /**
   * A server that works is asked for a list once, and then to be waited for; one that failed is asked in the same turn,
   * because turns are rare then.
   * @returns true when history ran out: the store keeps serving until the new list is there
   */
  async #watchFrom(resourceVersion: string, turn: Turn, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#watch(turn, signal, resourceVersion);
      return false;
    } catch (thrown) {
      const isExpired = thrown instanceof KubeError && thrown.failure === "expired";
      const mayList = !this.#isBroken || this.#options.client.gate.isTroubled;
      if (!isExpired || !mayList || signal.aborted) throw thrown;
      this.#isBroken = true;
      this.#resourceVersion = undefined;
      return true;
    }
  }

  async #list(turn: Turn, signal: AbortSignal): Promise<void> {
    const { client, sink } = this.#options;
    const { objects, resourceVersion } = await list(client, this.#served, {
      signal,
      patienceMs: this.#patienceMs,
      again: turn.again,
    });
    if (signal.aborted) return;
    this.#refuseRegression(resourceVersion, objects.length);
    this.#answered();
    sink.replace(objects);
    this.#resourceVersion = resourceVersion;
    this.#newest = resourceVersion;
    if (!this.#isBroken) this.#failures = 0;
    if (!this.#watchRefused) this.#recovered();
  }

  /** A list older than what was seen is of a stale or restored server: an empty one never replaces what is served. */
  #refuseRegression(resourceVersion: string, count: number): void {
    const { client: { history }, sink } = this.#options;
    if (!isOlder(resourceVersion, this.#newest)) history.confirmed();
    else {
      const empties = count === 0 && !sink.isEmpty;
      if (empties || !this.#isRestored()) {
        throw this.#wentBack(resourceVersion, empties ? ", and the list is empty" : "");
      }
    }
    this.#restores = history.restores;
  }

  /** An older version came. @returns whether the server is believed to know no newer one */
  #isRestored(): boolean {
    const { history } = this.#options.client;
    return this.#restores < history.restores || history.wentBack();
  }

  async #watch(turn: Turn, signal: AbortSignal, resourceVersion: string): Promise<void> {
    const { client, sink } = this.#options;
    const { clock } = client;
    let isOpen = false;
    const cut = new AbortController();
    const stop = () => cut.abort(signal.reason);
    signal.addEventListener("abort", stop);
    try {
      const end = await watch(client, this.#served, {
        resourceVersion,
        sink,
        clock,
        signal: cut.signal,
        patienceMs: this.#patienceMs,
        opened: () => {
          isOpen = true;
          turn.answered();
          this.#watchRefused = false;
          this.#answered();
          this.#recovered();
        },
        proven: (isSilent) => {
          this.#isBroken = false;
          this.#failures = 0;
          if (isSilent) void this.#vouch(turn, cut);
          else turn.succeeded();
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
      else this.#pause();
    } catch (error) {
      if (isOpen && toKubeError(error, "").failure !== "expired") this.#isBroken = true;
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
      if (isOpen) client.gate.doubt();
    }
  }

  /**
   * Ends a turn whose watch is open and silent. That proves nothing of a server in trouble, which a watch of nothing may
   * be all that is left of: a list, asked for in the same turn, must be whole, and no older than what was seen.
   * @param cut ends the watch: one from a version that the server does not know is silent for ever
   */
  async #vouch(turn: Turn, cut: AbortController): Promise<void> {
    const { client } = this.#options;
    if (!client.gate.isTroubled || !turn.again()) return turn.succeeded();
    try {
      const version = await listVersion(client, this.#served, cut.signal);
      if (!isOlder(version, this.#newest)) return turn.succeeded();
      if (this.#isRestored()) turn.succeeded();
      cut.abort(this.#wentBack(version));
    } catch (thrown) {
      const error = toKubeError(thrown, describe(this.#served));
      if (cut.signal.aborted) return;
      if (isOutage(error)) turn.failed(error.retryAfterMs);
      else turn.succeeded();
    }
  }

  #wentBack(version: string, also = ""): KubeError {
    const text = `the resourceVersion went back from ${this.#newest} to ${version}${also}`;
    return new KubeError(`${describe(this.#served)}: ${text}`, { failure: "bad-answer" });
  }

  /** Watches that bring nothing: each waits longer than the one before. */
  #pause(): void {
    this.#waitMs = backoffMs(this.#shortWatches++, this.#options.client.clock.random);
  }

  get #patienceMs(): number {
    return this.#options.client.clock.patienceMs * 2 ** Math.min(this.#stalls, PATIENCE_STEPS);
  }

  #answered(): void {
    this.#stalls = 0;
    this.#refusals = 0;
    this.#notServedSince = undefined;
    this.#tokenRefused = false;
  }

  #recovered(): void {
    this.#standing.recovered(describe(this.#served));
  }

  async #recover(error: KubeError, turn: Turn, signal: AbortSignal): Promise<void> {
    switch (error.failure) {
      case "stalled": // the server lives: the request was lost, or is slow
        this.#stalls++;
        return this.#reportOutage(error);
      case "unauthorized":
        return this.#retryWithNewToken(error, turn);
      case "throttled":
        this.#standing.report(error);
        turn.failed(error.retryAfterMs);
        return await delay(error.retryAfterMs, signal); // also when others are served meanwhile
      case "forbidden":
        return await this.#forbidden(error, turn, signal);
      case "not-served":
        turn.succeeded(); // a refusal is an answer
        this.#resourceVersion = undefined;
        return this.#options.discovery.disprove(this.#served.resource);
      case "unreachable":
      case "misconfigured":
        this.#reportOutage(error);
        // After an outage it may be another server, which has never heard of our version: ask for everything.
        if (this.#failures > 1) this.#resourceVersion = undefined;
        return this.#failed(error, turn);
      default:
        if (error.failure !== "server") this.#resourceVersion = undefined; // what was applied may not be all there was
        this.#failures++;
        if (error.failure !== "expired" || this.#failures > 1) this.#standing.report(error);
        return this.#failed(error, turn);
    }
  }

  /** The first time the next try is as near as the gate allows. */
  #failed(error: KubeError, turn: Turn): void {
    const { random } = this.#options.client.clock;
    if (isOutage(error)) turn.failed(error.retryAfterMs);
    this.#waitMs = this.#failures > 1 ? backoffMs(this.#failures - 2, random) : 0;
  }

  /** The token is read again at once; a second refusal is an outage like any other. */
  #retryWithNewToken(error: KubeError, turn: Turn): void {
    if (this.#tokenRefused) {
      this.#failures++;
      this.#standing.report(error);
      this.#failed(error, turn);
    }
    this.#tokenRefused = true;
  }

  /** This kind only: what was read before stays, the others go on, and it is asked for again from time to time. */
  async #forbidden(error: KubeError, turn: Turn, signal: AbortSignal): Promise<void> {
    const { reprobeMs, random } = this.#options.client.clock;
    turn.succeeded(); // a refusal is an answer
    const verb = this.#resourceVersion === undefined ? "list" : "watch";
    this.#resourceVersion = undefined;
    this.#watchRefused = verb === "watch";
    this.#standing.report(error);
    this.#standing.settle("forbidden", forbiddenProblem(this.#served, verb));
    const steps = Math.min(this.#refusals++, REPROBE_STEPS);
    await delay(reprobeMs * 2 ** steps * (0.75 + random() / 2), signal);
  }

  /** No form of the kind is served. A starting server forgets its custom kinds for a while: what was read stays. */
  async #missing(signal: AbortSignal): Promise<void> {
    const { client: { clock }, discovery, selection, sink } = this.#options;
    const since = this.#notServedSince ??= clock.now();
    if (clock.now() - since >= clock.goneMs && !sink.isEmpty) sink.replace([]);
    const problem = notServedProblem(selection.resource);
    this.#standing.report(new KubeError(problem.message, { failure: "not-served", problem }));
    this.#standing.settle("not-served", problem);
    await discovery.pause(signal);
  }

  /** It concerns all kinds, so the gate says it once. A watch that breaks and goes on at the next try is not worth a line. */
  #reportOutage(error: KubeError): void {
    this.#failures++;
    if (this.status === "waiting" || this.#failures > 1) this.#options.client.gate.outage(error.message);
  }
}
