// Writes the addresses of weir into the status of Ingresses: where they differ, a few at a time, and never twice.

import type { Problem } from "../../../schema/problem.ts";
import { summarizeProblem } from "../../../schema/problem-text.ts";
import { delay } from "../client/delay.ts";
import { isOutage, type KubeClient } from "../client/kube-client.ts";
import { type KubeError, toKubeError } from "../client/kube-error.ts";
import type { ObjectName } from "../incremental-translator.ts";
import { CLASS_ANNOTATION, classNameOf } from "../ingress/ingress-class.ts";
import { INGRESS } from "../ingress/kinds.ts";
import { type KubeObject, namespacedName, toKubeObject } from "../store/object.ts";
import type { KubeSnapshot } from "../store/snapshot.ts";
import { isPublished, type PublishedAddress, withAddresses } from "./load-balancer.ts";
import { refusal } from "./refusal.ts";
import { WorkQueue } from "./work-queue.ts";

/** What statuses are written with. */
export interface IngressStatusOptions {
  readonly client: KubeClient;
  /** Whether this process may write just now. */
  readonly mayWrite: () => boolean;
  readonly addresses: () => readonly PublishedAddress[] | undefined;
  /** A problem came or went. */
  readonly changed: () => void;
}

const AT_ONCE = 4; // half of the requests that may be unanswered at a time: reading must not wait for statuses
const TRIES = 5;
const CONFLICT_MS = 10; // as client-go's DefaultRetry
const RETRY_MS = 1_000;
const RETRY_CAP_MS = 60_000; // for a server that fails
const PAUSE_CAP_MS = 300_000; // for one that refuses, and for somebody who writes over it

/** What was written of one Ingress, and how often somebody undid it. */
interface Written {
  readonly addresses: readonly PublishedAddress[];
  /** What was there before: as long as it is, the new status has not come back yet. */
  readonly over: KubeObject;
  readonly times: number;
  readonly at: number;
}

/** Statuses of all Ingresses that one provider serves. */
export class IngressStatus {
  readonly #options: IngressStatusOptions;
  readonly #queue: WorkQueue;
  #names: readonly ObjectName[];
  readonly #served: Map<string, ObjectName>;
  /** Objects that say what is wanted: looking into each of them at every change would be dear. */
  readonly #seen: WeakMap<KubeObject, readonly PublishedAddress[]>;
  readonly #written: Map<string, Written>;
  readonly #failures: Map<string, number>;
  /** Namespaces without the right to write: when to try again, and how long the next pause is. */
  readonly #refused: Map<string, { readonly until: number; readonly pauseMs: number }>;
  /** By what they say: one for each namespace without the right, one for each refusal. */
  readonly #problems: Map<string, Problem>;
  #snapshot: KubeSnapshot | undefined;
  #wanted: readonly PublishedAddress[] | undefined;
  #mayWrite: boolean;
  readonly #abort: AbortController;

  constructor(options: IngressStatusOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({
      clock: options.client.clock,
      concurrency: AT_ONCE,
      work: (key) => this.#work(key),
    });
    this.#names = [];
    this.#served = new Map();
    this.#seen = new WeakMap();
    this.#written = new Map();
    this.#failures = new Map();
    this.#refused = new Map();
    this.#problems = new Map();
    this.#snapshot = undefined;
    this.#wanted = undefined;
    this.#mayWrite = false;
    this.#abort = new AbortController();
  }

  /** One of each kind: the first namespace stands for all that lack the same rule. */
  get problems(): readonly Problem[] {
    const kinds = new Map<string, Problem>();
    for (const problem of this.#problems.values()) if (!kinds.has(problem.code)) kinds.set(problem.code, problem);
    return [...kinds.values()];
  }

  /**
   * Says which Ingresses are served.
   * @param served the same list as long as they are the same
   * @returns whether there is anything this process could write
   */
  update(snapshot: KubeSnapshot, served: readonly ObjectName[]): boolean {
    this.#snapshot = snapshot;
    if (served !== this.#names) this.#serve(served);
    return this.look();
  }

  #serve(names: readonly ObjectName[]): void {
    this.#names = names;
    this.#served.clear();
    for (const each of names) this.#served.set(namespacedName(each.namespace, each.name), each);
    for (const memory of [this.#written, this.#failures]) {
      for (const key of memory.keys()) if (!this.#served.has(key)) memory.delete(key);
    }
  }

  /** Looks at all Ingresses again: addresses changed, or this process became the one that writes. */
  look(): boolean {
    const { addresses, mayWrite } = this.#options;
    const wanted = addresses();
    if (wanted !== this.#wanted) this.#forgive();
    this.#wanted = wanted;
    if (wanted === undefined) return false;
    this.#follow(mayWrite());
    let differs = false;
    for (const key of this.#served.keys()) {
      const isQueued = this.#queue.has(key); // is compared when its turn comes
      const object = isQueued ? undefined : this.#find(key);
      const isSame = object === undefined || this.#isDone(key, object, wanted);
      if (!isQueued && isSame) continue;
      differs = true;
      if (!mayWrite()) break;
      if (!isQueued) this.#queue.add(key, this.#pauseOf(key, wanted));
    }
    return differs;
  }

  /** Who may write again tries everything at once: what it waited for is over. */
  #follow(mayWrite: boolean): void {
    if (mayWrite === this.#mayWrite) return;
    this.#mayWrite = mayWrite;
    if (!mayWrite) return this.#queue.close();
    this.#queue.clear();
    this.#failures.clear();
    this.#queue.open();
  }

  /** Begins nothing more, and gives up what runs. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#queue.stop();
  }

  #find(key: string): KubeObject | undefined {
    const name = this.#served.get(key);
    return name && this.#snapshot?.get(INGRESS, name.namespace, name.name);
  }

  #isDone(key: string, object: KubeObject, wanted: readonly PublishedAddress[]): boolean {
    if (this.#seen.get(object) === wanted) return true;
    const written = this.#written.get(key);
    if (written?.addresses === wanted && written.over === object) return true;
    if (!isPublished(object, wanted)) return false;
    this.#seen.set(object, wanted);
    return true;
  }

  /** Somebody else who writes the same status would be answered for ever: each time later. */
  #pauseOf(key: string, wanted: readonly PublishedAddress[]): number {
    const written = this.#written.get(key);
    if (written?.addresses !== wanted || written.times < 2) return 0;
    const pause = Math.min(PAUSE_CAP_MS, 1000 * 2 ** (written.times - 2));
    return Math.max(0, written.at + pause - this.#options.client.clock.now());
  }

  /** @returns when to try again */
  async #work(key: string): Promise<number | undefined> {
    try {
      if (!this.#options.mayWrite()) return RETRY_MS; // a renewal may just be late
      const waitMs = (this.#refused.get(namespaceOf(key))?.until ?? 0) - this.#options.client.clock.now();
      if (waitMs > 0) return waitMs;
      await this.#write(key);
      this.#failures.delete(key);
      return undefined;
    } catch (thrown) {
      const error = toKubeError(thrown, "update the status of ingresses");
      return this.#abort.signal.aborted ? undefined : this.#failed(key, error);
    }
  }

  async #write(key: string): Promise<void> {
    const { client, addresses, mayWrite } = this.#options;
    const over = this.#find(key);
    let object = over;
    for (let tries = 0; over !== undefined && object !== undefined && tries < TRIES; tries++) {
      const wanted = addresses();
      if (wanted === undefined || !this.#served.has(key) || !mayWrite() || isPublished(object, wanted)) return;
      try {
        const body = withAddresses(object, wanted);
        await client.put({ path: `${pathOf(object)}/status`, what: WHAT, signal: this.#abort.signal, body });
        this.#note(key, over, wanted);
        this.#recovered(object.metadata.namespace);
        return;
      } catch (thrown) {
        const error = toKubeError(thrown, WHAT);
        if (error.failure === "not-found") return;
        if (error.failure !== "conflict" || tries === TRIES - 1) throw error;
      }
      const { random } = client.clock;
      await delay(CONFLICT_MS * (1 + random() / 10), this.#abort.signal);
      object = await this.#newest(object);
    }
  }

  /** Somebody was faster: what is there now, unless it is another object, or of another class. */
  async #newest(object: KubeObject): Promise<KubeObject | undefined> {
    const signal = this.#abort.signal;
    try {
      const raw = await this.#options.client.get({ path: pathOf(object), what: "get ingresses", signal });
      const newest = toKubeObject(raw, object);
      return newest !== undefined && isSameIngress(object, newest) ? newest : undefined;
    } catch (thrown) {
      const error = toKubeError(thrown, "get ingresses");
      if (error.failure === "not-found") return undefined;
      throw error;
    }
  }

  #note(key: string, over: KubeObject, addresses: readonly PublishedAddress[]): void {
    const before = this.#written.get(key);
    const times = before?.addresses === addresses ? before.times + 1 : 1;
    this.#written.set(key, { addresses, over, times, at: this.#options.client.clock.now() });
  }

  #failed(key: string, error: KubeError): number | undefined {
    if (error.failure === "forbidden") return this.#forbid(namespaceOf(key));
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    if (isOutage(error) || error.failure === "conflict") return Math.min(RETRY_CAP_MS, RETRY_MS * 2 ** failures);
    // The server won't take it however often it is sent: again when something changes.
    const [over, wanted] = [this.#find(key), this.#options.addresses()];
    if (over !== undefined && wanted !== undefined) this.#note(key, over, wanted);
    this.#report(error.message, refused(error));
    return undefined;
  }

  /** One request from time to time shows whether the right was given. */
  #forbid(namespace: string): number {
    const { clock } = this.#options.client;
    const pauseMs = this.#refused.get(namespace)?.pauseMs ?? clock.reprobeMs;
    this.#refused.set(namespace, { until: clock.now() + pauseMs, pauseMs: Math.min(PAUSE_CAP_MS, pauseMs * 2) });
    this.#report(namespace, forbidden(namespace));
    return pauseMs;
  }

  /** Other addresses may be accepted. */
  #forgive(): void {
    for (const [key, { code }] of this.#problems) if (code === REFUSED) this.#problems.delete(key);
  }

  #report(key: string, problem: Problem): void {
    const known = this.#problems.get(key);
    if (known !== undefined && summarizeProblem(known) === summarizeProblem(problem)) return;
    this.#problems.set(key, problem);
    this.#options.changed();
  }

  #recovered(namespace: string): void {
    this.#refused.delete(namespace);
    if (this.#problems.delete(namespace)) this.#options.changed();
  }
}

const WHAT = "update ingresses/status";
const REFUSED = "status-refused";

function namespaceOf(key: string): string {
  return key.slice(0, key.indexOf("/"));
}

function pathOf({ apiVersion, metadata: { namespace, name } }: KubeObject): string {
  return `/apis/${apiVersion}/namespaces/${encodeURIComponent(namespace)}/ingresses/${encodeURIComponent(name)}`;
}

function isSameIngress(a: KubeObject, b: KubeObject): boolean {
  const idOf = ({ raw: { metadata } }: KubeObject) => JSON.stringify(metadata, ["uid"]);
  const classOf = (each: KubeObject) => classNameOf(each) ?? each.metadata.annotations[CLASS_ANNOTATION];
  return idOf(a) === idOf(b) && classOf(a) === classOf(b);
}

function forbidden(namespace: string): Problem {
  return refusal({
    what: `update the status of Ingresses in the namespace ${JSON.stringify(namespace)}`,
    group: "networking.k8s.io",
    resource: "ingresses/status",
    verbs: ["update"],
    namespace,
    consequence: "they show no address",
  });
}

function refused(error: KubeError): Problem {
  return {
    severity: "warning",
    code: REFUSED,
    message: `the Kubernetes API refuses a status of an Ingress: ${error.message}`,
    hint: "check ingressEndpoint of the Ingress provider: ip must be an address, hostname a name",
  };
}
