// Tells of faulty objects by Events: each fault once, again when somebody edits the object in vain, and when all is well.
//
//   fault ──1 s──► event ──edited, back, or half an hour later──► the same event, count + 1
//     └─ gone before: nothing        └─ all faults of the object gone ──► Recovered

import type { Problem } from "../../../schema/problem.ts";
import type { KubeClient } from "../client/kube-client.ts";
import type { KubeObject } from "../store/object.ts";
import {
  eventName,
  eventNamespace,
  eventOf,
  type EventText,
  type EventTimes,
  generationOf,
  recovered,
  uidOf,
} from "./event.ts";
import { sendEvent } from "./event-sender.ts";
import { refusal } from "./refusal.ts";
import { TokenBucket } from "./token-bucket.ts";
import { WorkQueue } from "./work-queue.ts";

/** Something wrong with an object. */
export interface Fault {
  readonly object: KubeObject;
  readonly problem: Problem;
}

/** Who finds faults, and knows the objects. */
export interface FaultSource {
  /** The object as it is now; undefined: gone, or replaced by another one. */
  newest(object: KubeObject): KubeObject | undefined;
  /** Whether something came of the object: who serves it may say that it is well. */
  isServed(object: KubeObject): boolean;
}

/** What events are written with. */
export interface EventRecorderOptions {
  readonly client: KubeClient;
  /** Names the host or Pod in events. */
  readonly instance: string;
  /** Whether this process may write just now. */
  readonly mayWrite: () => boolean;
  /** A problem came or went. */
  readonly changed: () => void;
  /** Shorter times for tests. */
  readonly times?: Partial<RecorderTimes>;
}

/** Waiting times, in milliseconds. */
export interface RecorderTimes {
  /** A fault that is mended so soon is not worth an event: a Service may come right after its route. */
  readonly settleMs: number;
  /** Servers keep events for an hour. */
  readonly refreshMs: number;
  /** After a failure; doubled each time, up to a minute. */
  readonly retryMs: number;
}

const defaults: RecorderTimes = { settleMs: 1_000, refreshMs: 30 * 60_000, retryMs: 1_000 };

const OBJECT_LIMITS = { burst: 25, refillMs: 5 * 60_000 }; // as client-go's spam filter
const GLOBAL_LIMITS = { burst: 100, refillMs: 100 };
const AT_ONCE = 2;
const RETRY_CAP_MS = 60_000; // for a server that fails
const PAUSE_MS = 300_000; // until a right that was missing is asked for again
const KEPT = 4_096; // faults that are gone, remembered for their counts; as many as client-go

interface Entry {
  object: KubeObject;
  text: EventText;
  readonly source: FaultSource;
  /** It is so now; else it was. */
  holds: boolean;
  times: EventTimes | undefined;
  /** Of the object when it was told. */
  generation: number | undefined;
  failures: number;
  /** It has its turn, and need not ask for another one. A repetition in half an hour is no turn. */
  asked: boolean;
}

/** One recorder. It holds everything it has to tell, and tells it while this process may write. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #times: RecorderTimes;
  readonly #queue: WorkQueue;
  readonly #abort: AbortController;
  readonly #sources: Map<FaultSource, readonly Fault[]>;
  /** By the event's name. */
  readonly #entries: Map<string, Entry>;
  readonly #buckets: Map<string, TokenBucket>;
  readonly #bucket: TokenBucket;
  /** Namespaces without the right, and when to try again. */
  readonly #refused: Map<string, { readonly until: number; readonly problem: Problem }>;

  constructor(options: EventRecorderOptions) {
    const { clock } = options.client;
    this.#options = options;
    this.#times = { ...defaults, ...options.times };
    this.#queue = new WorkQueue({ clock, concurrency: AT_ONCE, work: (key) => this.#work(key) });
    this.#abort = new AbortController();
    this.#sources = new Map();
    this.#entries = new Map();
    this.#buckets = new Map();
    this.#bucket = new TokenBucket(GLOBAL_LIMITS, clock.now());
    this.#refused = new Map();
  }

  /** What keeps events from being written: the first namespace stands for all that lack the same rule. */
  get problems(): readonly Problem[] {
    return [...this.#refused.values()].slice(0, 1).map(({ problem }) => problem);
  }

  /** A source is no more; nothing is said about what it found. */
  remove(source: FaultSource): void {
    this.#sources.delete(source);
    for (const [key, entry] of this.#entries) {
      if (entry.source !== source) continue;
      this.#entries.delete(key);
      this.#queue.remove(key);
    }
  }

  /** Says everything one source finds wrong at the moment. @returns whether anybody finds anything */
  update(source: FaultSource, faults: readonly Fault[]): boolean {
    this.#sources.set(source, faults);
    this.look();
    return [...this.#sources.values()].some((each) => each.length > 0);
  }

  /** This process may write from now on, or no more. Another one that wrote meanwhile knows the counts. */
  look(): void {
    if (!this.#options.mayWrite()) {
      this.#queue.close();
      this.#queue.clear();
      this.#entries.clear();
      this.#buckets.clear();
      return;
    }
    const holding = new Set<string>();
    for (const [source, faults] of this.#sources) {
      for (const fault of faults) holding.add(this.#hold(source, fault.object, namedText(fault)));
    }
    this.#release(holding);
    this.#forget();
    this.#queue.open();
  }

  /** Begins nothing more, and gives up what runs. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#queue.stop();
  }

  /** @returns the key of the fault */
  #hold(source: FaultSource, object: KubeObject, { key, text }: NamedText): string {
    const known = this.#entries.get(key);
    if (known === undefined) {
      this.#entries.set(key, {
        object,
        text,
        source,
        holds: true,
        times: undefined,
        generation: generationOf(object),
        failures: 0,
        asked: false,
      });
      this.#ask(key);
      return key;
    }
    const isBack = !known.holds;
    known.object = object;
    known.text = text; // with the advice of today
    known.holds = true;
    const isEdited = known.times !== undefined && generationOf(object) !== known.generation;
    if (isBack || isEdited) {
      known.generation = generationOf(object);
      this.#ask(key);
    }
    return key;
  }

  /** What no longer holds. Objects whose last fault is gone are well, if they are served. */
  #release(holding: ReadonlySet<string>): void {
    const mended = new Map<string, Entry>();
    const faulty = new Set<string>();
    for (const [key, entry] of this.#entries) {
      const uid = uidOf(entry.object);
      if (holding.has(key)) {
        faulty.add(uid);
      } else if (entry.holds && entry.text !== recovered) {
        entry.holds = false;
        this.#queue.remove(key);
        if (entry.times === undefined) this.#entries.delete(key);
        else mended.set(uid, entry);
      }
    }
    for (const uid of faulty) this.#drop(uid);
    for (const [uid, entry] of mended) {
      const object = entry.source.newest(entry.object);
      if (object === undefined || faulty.has(uid) || !entry.source.isServed(object)) continue;
      this.#hold(entry.source, object, { key: recoveredKey(uid), text: recovered });
    }
  }

  /** An object that is faulty again is not announced as well. */
  #drop(uid: string): void {
    const key = recoveredKey(uid);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.holds = false;
    this.#queue.remove(key);
  }

  /** What is gone and long ago. */
  #forget(): void {
    let surplus = this.#entries.size - KEPT;
    const kept = new Set<string>();
    for (const [key, entry] of this.#entries) {
      const isGone = !entry.holds && (surplus > 0 || entry.source.newest(entry.object) === undefined);
      if (isGone) {
        this.#entries.delete(key);
        surplus--;
      } else kept.add(uidOf(entry.object));
    }
    for (const uid of this.#buckets.keys()) if (!kept.has(uid)) this.#buckets.delete(uid);
  }

  /** Waits for its turn: that of the object, and that of all. */
  #ask(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined || (entry.asked && this.#queue.has(key))) return;
    entry.asked = true;
    const now = this.#options.client.clock.now();
    const uid = uidOf(entry.object);
    let own = this.#buckets.get(uid);
    if (own === undefined) this.#buckets.set(uid, own = new TokenBucket(OBJECT_LIMITS, now));
    this.#queue.add(key, Math.max(this.#times.settleMs, own.reserve(now), this.#bucket.reserve(now)));
  }

  /** @returns when to try again, or to say it again */
  async #work(key: string): Promise<number | undefined> {
    const { client, instance, mayWrite } = this.#options;
    const entry = this.#entries.get(key);
    const object = entry?.source.newest(entry.object);
    if (entry === undefined || object === undefined || !entry.holds) return undefined;
    if (!mayWrite()) return this.#times.retryMs; // a renewal may just be late
    entry.asked = false;
    const namespace = eventNamespace(object);
    const waitMs = (this.#refused.get(namespace)?.until ?? 0) - client.clock.now();
    if (waitMs > 0) return waitMs;
    const draft = { object, text: entry.text, times: entry.times };
    const sent = await sendEvent({ client, instance, signal: this.#abort.signal }, draft);
    if (this.#abort.signal.aborted) return undefined;
    switch (sent.type) {
      case "sent":
        return this.#told(entry, sent.times, namespace);
      case "forbidden":
        return this.#forbid(namespace);
      case "failed":
        return Math.min(RETRY_CAP_MS, this.#times.retryMs * 2 ** entry.failures++);
      case "refused":
        return undefined;
    }
  }

  #told(entry: Entry, times: EventTimes, namespace: string): number | undefined {
    entry.times = times;
    entry.failures = 0;
    if (this.#refused.delete(namespace)) this.#options.changed();
    if (entry.text.type === "Normal") return undefined;
    return this.#times.refreshMs * (1 - this.#options.client.clock.random() / 10);
  }

  #forbid(namespace: string): number {
    const { clock } = this.#options.client;
    const isNew = !this.#refused.has(namespace);
    this.#refused.set(namespace, { until: clock.now() + PAUSE_MS, problem: forbidden(namespace) });
    if (isNew) this.#options.changed();
    return PAUSE_MS;
  }
}

/** What an event says, and the key of its entry. */
interface NamedText {
  readonly key: string;
  readonly text: EventText;
}

/** Problems stay the same in memory from build to build, and naming their events costs a hash. */
const named = new WeakMap<Problem, NamedText & { readonly uid: string }>();

function namedText({ object, problem }: Fault): NamedText {
  const uid = uidOf(object);
  const known = named.get(problem);
  if (known?.uid === uid) return known;
  const text = eventOf(problem);
  const made = { uid, text, key: `${uid} ${eventName(object, text)}` };
  named.set(problem, made);
  return made;
}

/** One event for all recoveries of an object. */
function recoveredKey(uid: string): string {
  return `${uid} ${recovered.reason}`;
}

function forbidden(namespace: string): Problem {
  return refusal({
    what: `write Events in the namespace ${JSON.stringify(namespace)}`,
    group: "",
    resource: "events",
    verbs: ["create", "patch"],
    namespace,
    consequence: "kubectl describe does not say what is wrong there",
  });
}
