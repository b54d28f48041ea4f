// Keeps named objects of one kind, and no others, in step with the API server: the Secrets that something refers to.

import type { Problem } from "../../../schema/problem.ts";
import type { KubeObject } from "../store/object.ts";
import { namespacedName } from "../store/object.ts";
import type { Clock } from "./clock.ts";
import { isInScope, isWide, type NamedScope, planScopes, scopeKey, type WantedNames } from "./named-scope.ts";
import type { Reflector, ReflectorOptions, ReflectorSink } from "./reflector.ts";
import { isOlder } from "./resource-version.ts";
import type { Resource } from "./resource.ts";
import type { WatchSink } from "./watch.ts";

const RETRY_WIDE_MS = 600_000; // until a wide watch that was forbidden is tried again

/** What they are made of. */
export interface NamedReflectorsOptions {
  readonly resource: Resource;
  /** Hears of wanted objects only; of those that are wanted no more, too, as removed. */
  readonly sink: WatchSink;
  /** Something settled, or a problem came or went. */
  readonly changed: () => void;
  /** Whether many names in many namespaces may be read by one watch of the whole cluster. */
  readonly isClusterWide: boolean;
  readonly clock: Clock;
  readonly reflector: (options: Pick<ReflectorOptions, "selection" | "sink" | "changed">) => Reflector;
}

interface Running {
  readonly scope: NamedScope;
  readonly reflector: Reflector;
  /** What its list was asked for. */
  readonly names: WantedNames;
  readonly abort: AbortController;
  readonly loop: Promise<void>;
}

interface Held {
  readonly object: KubeObject;
  /** Who told of it last. */
  readonly from: Running | undefined;
}

/** A changing set of objects. */
export class NamedReflectors {
  readonly #options: NamedReflectorsOptions;
  readonly #running: Map<string, Running>;
  /** Stopped, and not quite over yet. */
  readonly #ending: Set<Promise<void>>;
  readonly #held: Map<string, Held>;
  /** Wide scopes that were forbidden, and when. */
  readonly #refused: Map<string, number>;
  #wanted: WantedNames;
  #isOver: boolean;

  constructor(options: NamedReflectorsOptions) {
    this.#options = options;
    this.#running = new Map();
    this.#ending = new Set();
    this.#held = new Map();
    this.#refused = new Map();
    this.#wanted = new Map();
    this.#isOver = false;
  }

  /** Says which objects are wanted from now on: all of them, each time. */
  want(names: Iterable<{ readonly namespace: string; readonly name: string }>): void {
    const wanted = new Map<string, Set<string>>();
    for (const { namespace, name } of names) {
      const known = wanted.get(namespace);
      if (known === undefined) wanted.set(namespace, new Set([name]));
      else known.add(name);
    }
    this.#wanted = wanted;
    for (const [key, { object }] of this.#held) if (!this.#isWanted(object)) this.#drop(key, object);
    this.#plan();
  }

  /** Whether of every wanted object it is known that it is there, that it is not, or that it may not be read. */
  get isSettled(): boolean {
    for (const [namespace, names] of this.#wanted) {
      for (const name of names) if (!this.isKnown(namespace, name)) return false;
    }
    return true;
  }

  /** The same of one object. */
  isKnown(namespace: string, name: string): boolean {
    return this.#isToldBy(undefined, namespace, name);
  }

  /** What keeps objects from being read: each missing rule once. */
  get problems(): readonly Problem[] {
    const problems = new Map<string, Problem>();
    for (const { reflector: { problem } } of this.#running.values()) {
      if (problem !== undefined) problems.set(problem.message, problem);
    }
    return [...problems.values()];
  }

  /** How many watches there are. */
  get watches(): number {
    return this.#running.size;
  }

  /** Stops everything; what was told stays told. */
  async stop(): Promise<void> {
    this.#isOver = true;
    for (const running of [...this.#running.values()]) this.#end(running);
    await Promise.all(this.#ending);
  }

  #plan(): void {
    if (this.#isOver) return;
    const open = new Map(
      [...this.#running].filter(([, { scope }]) => isWide(scope)).map(([key, { names }]) => [key, names]),
    );
    const scopes = planScopes({ wanted: this.#wanted, open, isAllowed: (scope) => this.#isAllowed(scope) });
    const planned = new Map(scopes.map((scope) => [scopeKey(scope), scope]));
    for (const [key, scope] of planned) {
      const running = this.#running.get(key);
      if (running !== undefined && this.#isEnough(running, planned)) continue;
      if (running !== undefined) this.#end(running); // it lists again, for more names
      this.#start(scope);
    }
    for (const [key, running] of [...this.#running]) {
      if (!planned.has(key) && !this.#isNeeded(running)) this.#end(running);
    }
  }

  #isAllowed(scope: NamedScope): boolean {
    if (scope.namespace === undefined && !this.#options.isClusterWide) return false;
    const refusedAt = this.#refused.get(scopeKey(scope));
    return refusedAt === undefined || this.#options.clock.now() - refusedAt > RETRY_WIDE_MS;
  }

  /** Whether a watch that is there has listed, or others will list, everything that is wanted of its scope. */
  #isEnough({ scope, names }: Running, planned: ReadonlyMap<string, NamedScope>): boolean {
    if (!isWide(scope)) return true;
    for (const [namespace, wanted] of this.#wanted) {
      if (scope.namespace !== undefined && scope.namespace !== namespace) continue;
      for (const name of wanted) {
        if (names.get(namespace)?.has(name) !== true && !planned.has(scopeKey({ namespace, name }))) return false;
      }
    }
    return true;
  }

  /** A watch that another one is to replace goes on until that one knows. */
  #isNeeded(running: Running): boolean {
    const { scope, names, reflector } = running;
    if (reflector.status === "waiting" || reflector.status === "forbidden") return false;
    for (const [namespace, wanted] of this.#wanted) {
      for (const name of wanted) {
        if (!isInScope(scope, namespace, name) || names.get(namespace)?.has(name) !== true) continue;
        if (!this.#isToldBy(running, namespace, name)) return true;
      }
    }
    return false;
  }

  /** Whether a watch, another one than this, knows of an object. */
  #isToldBy(besides: Running | undefined, namespace: string, name: string): boolean {
    for (const scope of [{ namespace, name }, { namespace }, {}]) {
      const running = this.#running.get(scopeKey(scope));
      if (running === undefined || running === besides || running.reflector.status === "waiting") continue;
      if (running.names.get(namespace)?.has(name) === true) return true;
    }
    return false;
  }

  #start(scope: NamedScope): void {
    const { resource } = this.#options;
    const names = namesIn(this.#wanted, scope);
    const reflector = this.#options.reflector({
      selection: {
        resource,
        namespace: scope.namespace,
        labelSelector: resource.labelSelector ?? "",
        ...(scope.name !== undefined && { name: scope.name }),
        keep: (namespace, name) => this.#wanted.get(namespace)?.has(name) === true,
      },
      sink: this.#sink(scope, () => running),
      changed: () => this.#changed(running),
    });
    const abort = new AbortController();
    // The loop begins with an await, so nothing is told before all of this is in place.
    const running: Running = { scope, reflector, names, abort, loop: reflector.run(abort.signal) };
    this.#running.set(scopeKey(scope), running);
  }

  /** @param from the watch that delivers; there once it delivers anything */
  #sink(scope: NamedScope, from: () => Running): ReflectorSink {
    const isEmpty = () => ![...this.#held.values()].some(({ object }) => isIn(scope, object));
    return {
      get isEmpty() {
        return isEmpty();
      },
      upsert: (object) => this.#upsert(object, from()),
      remove: (object) => this.#remove(object, from()),
      replace: (objects) => this.#replace(objects, from()),
    };
  }

  #end(running: Running): void {
    const key = scopeKey(running.scope);
    if (this.#running.get(key) === running) this.#running.delete(key);
    running.abort.abort();
    const ending = running.loop.finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  #changed(running: Running): void {
    const { scope, reflector } = running;
    if (isWide(scope) && reflector.status === "forbidden") {
      this.#refused.set(scopeKey(scope), this.#options.clock.now());
      this.#end(running);
    }
    this.#plan();
    this.#options.changed();
  }

  #upsert(object: KubeObject, from: Running): void {
    if (from.abort.signal.aborted || !this.#isWanted(object)) return;
    const key = keyOf(object);
    const held = this.#held.get(key);
    const isForeign = held !== undefined && held.from !== from;
    if (isForeign && isOlder(object.metadata.resourceVersion, held.object.metadata.resourceVersion)) return;
    this.#held.set(key, { object, from });
    this.#options.sink.upsert(object);
  }

  #remove(object: KubeObject, from: Running): void {
    const held = this.#held.get(keyOf(object));
    if (from.abort.signal.aborted || held === undefined) return;
    // Another watch may have told already of the object that came after this one.
    if (isOlder(object.metadata.resourceVersion, held.object.metadata.resourceVersion)) return;
    this.#drop(keyOf(object), object);
  }

  #replace(objects: readonly KubeObject[], from: Running): void {
    if (from.abort.signal.aborted) return;
    const present = new Set(objects.map(keyOf));
    for (const [key, { object }] of [...this.#held]) {
      const { namespace, name } = object.metadata;
      if (present.has(key) || !isIn(from.scope, object)) continue;
      if (from.names.get(namespace)?.has(name) === true) this.#drop(key, object);
    }
    for (const object of objects) this.#upsert(object, from);
  }

  #drop(key: string, object: KubeObject): void {
    this.#held.delete(key);
    this.#options.sink.remove(object);
  }

  #isWanted({ metadata: { namespace, name } }: KubeObject): boolean {
    return this.#wanted.get(namespace)?.has(name) === true;
  }
}

function isIn(scope: NamedScope, { metadata: { namespace, name } }: KubeObject): boolean {
  return isInScope(scope, namespace, name);
}

function keyOf({ metadata: { namespace, name } }: KubeObject): string {
  return namespacedName(namespace, name);
}

function namesIn(wanted: WantedNames, scope: NamedScope): WantedNames {
  if (scope.namespace === undefined) return wanted;
  const names = wanted.get(scope.namespace) ?? new Set();
  return new Map([[scope.namespace, scope.name === undefined ? names : new Set([scope.name])]]);
}
