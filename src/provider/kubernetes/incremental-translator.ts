// Translates each object by itself, remembers what came of it, and does so again only when something it read changed.
//
//   object ──translate──► fragment ─┐
//   object ──translate──► fragment ─┼─assemble─► configuration + problems
//   object ──translate──► fragment ─┘
//              │ reads: "object /Service default/web", "slices default/web", …
//              └──────► a change of one of them makes this fragment stale, and no other

import { quoteValue } from "../../schema/issues.ts";
import { toProxyError } from "../../net/error.ts";
import type { ProviderState } from "../provider.ts";
import { Assembly } from "./assembly.ts";
import type { Fragment } from "./fragment.ts";
import { sourceOf } from "./parse.ts";
import { type KubeObject, namespacedName } from "./store/object.ts";
import { objectRead, RecordingSnapshot, touchedBy } from "./store/recording-snapshot.ts";
import type { Change, Judge, KubeSnapshot } from "./store/snapshot.ts";

/** A kind whose objects become parts of the configuration. */
export interface TranslatedKind {
  /** `group/Kind`. */
  readonly id: string;
  /** Pure: what it reads it reads through the snapshot. Objects that become nothing give undefined. */
  readonly translate: (snapshot: KubeSnapshot, object: KubeObject) => Fragment | undefined;
}

/** Name of an object. */
export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

interface Entry {
  /** Of its object: {@link objectRead}. */
  readonly key: string;
  fragment: Fragment | undefined;
  reads: ReadonlySet<string>;
}

/** The translation of one store over its life. */
export class IncrementalTranslator {
  readonly #kinds: readonly TranslatedKind[];
  readonly #judgeOf: (id: string) => Judge;
  readonly #assembly: Assembly;
  readonly #entries: Map<string, Entry>;
  /** Entries by kind, in the order of their keys. Kinds that were never translated are not there. */
  readonly #order: Map<string, Entry[]>;
  /** Read → keys of the entries that made it. */
  readonly #readers: Map<string, Set<string>>;
  /** Kind → how many of its objects, or lists of them, were read. */
  readonly #asked: Map<string, number>;
  /** Kind → what {@link wanted} says, until that changes. */
  readonly #wanted: Map<string, readonly ObjectName[]>;
  /** Kind → what {@link routed} says, until that changes. */
  readonly #routed: Map<string, readonly ObjectName[]>;
  /** Kind → keys of objects to be translated. */
  readonly #stale: Map<string, Set<string>>;
  #state: ProviderState;

  /**
   * @param kinds in the order in which their parts stand in the configuration
   * @param judgeOf what makes an object of a kind usable to those who refer to it
   */
  constructor(kinds: readonly TranslatedKind[], judgeOf: (id: string) => Judge) {
    this.#kinds = kinds;
    this.#judgeOf = judgeOf;
    this.#assembly = new Assembly();
    this.#entries = new Map();
    this.#order = new Map();
    this.#readers = new Map();
    this.#asked = new Map();
    this.#wanted = new Map();
    this.#routed = new Map();
    this.#stale = new Map(kinds.map(({ id }) => [id, new Set()]));
    this.#state = { configuration: this.#assembly.configuration, problems: this.#assembly.problems };
  }

  /** Must be told of every change of the store between two translations of it. */
  changed(change: Change): void {
    for (const read of touchedBy(change, this.#judgeOf(change.id))) {
      for (const key of this.#readers.get(read) ?? []) this.#stale.get(idOf(key))?.add(key);
    }
    const object = change.after ?? change.before;
    if (object !== undefined) this.#stale.get(change.id)?.add(keyOf(change.id, object));
  }

  /** @returns the same value as last time when nothing changed; else one that shares with it whatever stayed the same */
  translate(snapshot: KubeSnapshot): ProviderState {
    for (const kind of this.#kinds) {
      if (this.#order.has(kind.id)) this.#translateStale(kind, snapshot);
      else this.#translateAll(kind, snapshot);
    }
    const assembly = this.#assembly;
    assembly.assemble(this.#fragments());
    const { configuration, problems } = assembly;
    if (configuration !== this.#state.configuration || problems !== this.#state.problems) {
      this.#state = { configuration, problems };
    }
    return this.#state;
  }

  asksFor(id: string): boolean {
    return this.#asked.has(id);
  }

  /** Objects of a kind that were asked for by name, whether they are there or not; the same list until they change. */
  wanted(id: string): readonly ObjectName[] {
    if (!this.#asked.has(id)) return NOTHING;
    let names = this.#wanted.get(id);
    if (names === undefined) {
      const prefix = `object ${id} `;
      names = [...this.#readers.keys()].filter((read) => read.startsWith(prefix)).map(nameOf);
      this.#wanted.set(id, names);
    }
    return names;
  }

  /** Objects of a kind that became routers; the same list until they change. */
  routed(id: string): readonly ObjectName[] {
    let names = this.#routed.get(id);
    if (names === undefined) {
      names = (this.#order.get(id) ?? []).filter(({ fragment }) => isRouted(fragment)).map(({ key }) => nameOf(key));
      this.#routed.set(id, names);
    }
    return names;
  }

  /** Whether an object became any part of the configuration. */
  isServed(id: string, namespace: string, name: string): boolean {
    const fragment = this.#entries.get(objectRead(id, namespace, name))?.fragment;
    return fragment !== undefined && Object.keys(fragment.sections).length > 0;
  }

  #translateAll(kind: TranslatedKind, snapshot: KubeSnapshot): void {
    const order: Entry[] = [];
    for (const object of snapshot.list(kind.id)) {
      const entry = createEntry(keyOf(kind.id, object));
      this.#entries.set(entry.key, entry);
      this.#renew(kind, snapshot, { entry, object });
      order.push(entry);
    }
    this.#order.set(kind.id, order);
    this.#stale.get(kind.id)?.clear();
  }

  #translateStale(kind: TranslatedKind, snapshot: KubeSnapshot): void {
    const stale = this.#stale.get(kind.id);
    const order = this.#order.get(kind.id) ?? [];
    for (const key of stale ?? []) {
      const { namespace, name } = nameOf(key);
      const object = snapshot.get(kind.id, namespace, name);
      let entry = this.#entries.get(key);
      if (object === undefined) {
        if (entry !== undefined) this.#forget(entry, order);
        continue;
      }
      if (entry === undefined) {
        this.#entries.set(key, entry = createEntry(key));
        order.splice(placeOf(key, order), 0, entry);
      }
      this.#renew(kind, snapshot, { entry, object });
    }
    stale?.clear();
  }

  #renew(kind: TranslatedKind, snapshot: KubeSnapshot, { entry, object }: { entry: Entry; object: KubeObject }): void {
    const recording = new RecordingSnapshot(snapshot);
    const fragment = translateSafely(kind, recording, object);
    this.#assembly.replace(entry.fragment, fragment);
    if (isRouted(entry.fragment) !== isRouted(fragment)) this.#routed.delete(kind.id);
    this.#follow(entry, recording.reads);
    entry.fragment = fragment;
  }

  #forget(entry: Entry, order: Entry[]): void {
    this.#assembly.replace(entry.fragment, undefined);
    if (isRouted(entry.fragment)) this.#routed.delete(idOf(entry.key));
    this.#follow(entry, new Set());
    this.#entries.delete(entry.key);
    order.splice(placeOf(entry.key, order), 1);
  }

  #follow(entry: Entry, reads: ReadonlySet<string>): void {
    const before = entry.reads;
    entry.reads = reads;
    for (const read of before) {
      if (reads.has(read)) continue;
      const readers = this.#readers.get(read);
      readers?.delete(entry.key);
      if (readers?.size !== 0) continue;
      this.#readers.delete(read);
      this.#count(read, -1);
    }
    for (const read of reads) {
      const readers = this.#readers.get(read);
      if (readers !== undefined) {
        readers.add(entry.key);
        continue;
      }
      this.#readers.set(read, new Set([entry.key]));
      this.#count(read, 1);
    }
  }

  #count(read: string, step: number): void {
    const id = idOf(read);
    this.#wanted.delete(id);
    const count = (this.#asked.get(id) ?? 0) + step;
    if (count === 0) this.#asked.delete(id);
    else this.#asked.set(id, count);
  }

  #fragments(): Fragment[] {
    const fragments: Fragment[] = [];
    for (const { id } of this.#kinds) {
      for (const { fragment } of this.#order.get(id) ?? []) if (fragment !== undefined) fragments.push(fragment);
    }
    return fragments;
  }
}

const NOTHING: readonly ObjectName[] = [];

function createEntry(key: string): Entry {
  return { key, fragment: undefined, reads: new Set() };
}

function keyOf(id: string, { metadata }: KubeObject): string {
  return objectRead(id, metadata.namespace, metadata.name);
}

/** The second word of a read: `object traefik.io/IngressRoute default/app`, `list /Node`. */
function idOf(read: string): string {
  const begin = read.indexOf(" ") + 1;
  const end = read.indexOf(" ", begin);
  return end === -1 ? read.slice(begin) : read.slice(begin, end);
}

/** The third. */
function nameOf(read: string): ObjectName {
  const begin = read.indexOf(" ", read.indexOf(" ") + 1) + 1;
  const slash = read.indexOf("/", begin);
  return { namespace: read.slice(begin, slash), name: read.slice(slash + 1) };
}

function isRouted(fragment: Fragment | undefined): boolean {
  return fragment?.sections.routers !== undefined;
}

/** Where a key stands in an order, or would stand. */
function placeOf(key: string, order: readonly Entry[]): number {
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((order[middle]?.key ?? key) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A mistake of weir's own, or a tree too deep to walk, must cost the one object alone. */
function translateSafely(kind: TranslatedKind, snapshot: KubeSnapshot, object: KubeObject): Fragment | undefined {
  try {
    return kind.translate(snapshot, object);
  } catch (thrown) {
    const { namespace, name } = object.metadata;
    const message = `the ${object.kind} ${quoteValue(namespacedName(namespace, name))} could not be translated: ` +
      toProxyError(thrown).message;
    return {
      sections: {},
      problems: [{ severity: "error", code: "internal-error", message, source: sourceOf(object), path: [] }],
    };
  }
}
