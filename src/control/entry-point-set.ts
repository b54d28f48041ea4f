// All entry points of a proxy: opens and closes them, gives them their routes, and changes them while it runs.

import type { RoutingTable } from "../build/build.ts";
import { formatEntryPointAddress } from "../config/address.ts";
import type { EntryPointConfiguration } from "../config/static-entry-points.ts";
import { EntryPoint } from "../entrypoint/entry-point.ts";
import { UdpEntryPoint } from "../entrypoint/udp-entry-point.ts";
import { ProxyError } from "../net/error.ts";
import type { ProxyMetrics } from "../telemetry/proxy-metrics.ts";
import type { AnyEntryPoint } from "./create-entry-point.ts";
import type { Arrival, Definitions } from "./entry-point-change.ts";
import { planChange } from "./entry-point-change.ts";

/** Where an open entry point is. */
export interface EntryPointPlace {
  readonly name: string;
  readonly protocol: "tcp" | "udp";
  readonly host: string;
  readonly port: number;
}

/** What the set works with. */
export interface EntryPointSetOptions {
  readonly definitions: Definitions;
  readonly metrics: Pick<ProxyMetrics, "openConnections" | "removeOpenConnections"> | undefined;
  /** @returns undefined for an address that is none */
  create(name: string, definition: EntryPointConfiguration): AnyEntryPoint | undefined;
  /** Definitions changed: builds, and calls `swap`. @returns false when that failed, and everything is as it was */
  rebuild(definitions: Definitions): boolean;
}

/** What a change has done. */
export interface EntryPointChange {
  readonly opened: readonly EntryPointPlace[];
  readonly closed: readonly string[];
  readonly changed: readonly EntryPointPlace[];
  /** `name.option` of those that stay as they were until a restart. */
  readonly unchanged: readonly string[];
}

/** An entry point that was replaced, or is gone, and what is left to do of its own. */
interface Leaving {
  readonly entryPoint: AnyEntryPoint;
  readonly over: Promise<void>;
  readonly graceMs: number;
}

/** See the file's sentence. */
export class EntryPointSet {
  readonly #options: EntryPointSetOptions;
  /** Those opened later included. */
  #definitions: Definitions;
  #all: readonly AnyEntryPoint[];
  readonly #leaving = new Set<Leaving>();
  /** One change at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #isStopping = false;

  constructor(options: EntryPointSetOptions) {
    this.#options = options;
    this.#definitions = options.definitions;
    this.#all = Object.entries(options.definitions).flatMap(([name, definition]) => {
      const entryPoint = options.create(name, definition);
      return entryPoint === undefined ? [] : [entryPoint];
    });
    for (const entryPoint of this.#all) this.#count(entryPoint);
  }

  /** As they are in force. */
  get definitions(): Definitions {
    return this.#definitions;
  }

  /** Entry points that are open, with their real ports. */
  get places(): readonly EntryPointPlace[] {
    return this.#all.map(placeOf);
  }

  /** For the API: each with its real address and its definition. */
  list(): { name: string; address: string; definition: Readonly<Record<string, unknown>> }[] {
    const open = new Map(this.places.map((place) => [place.name, place]));
    return Object.entries(this.#definitions).map(([name, definition]) => {
      const place = open.get(name);
      return { name, address: place === undefined ? definition.address : formatEntryPointAddress(place), definition };
    });
  }

  /** Opens those that aren't. @throws {ProxyError} `listen-failed`, `proxy-stopped` */
  open(): Promise<void> {
    return this.#inTurn(async () => {
      for (const entryPoint of this.#all) {
        if (entryPoint.isOpen) continue;
        await this.#open(entryPoint);
        admit(entryPoint);
      }
    });
  }

  /** Puts a table in force. */
  swap(table: RoutingTable): void {
    for (const entryPoint of this.#all) {
      if (entryPoint instanceof UdpEntryPoint) {
        entryPoint.handler = table.udp.get(entryPoint.name);
        continue;
      }
      const handler = table.entryPoints.get(entryPoint.name);
      if (handler !== undefined) entryPoint.handler = handler;
      entryPoint.secure = table.secure.get(entryPoint.name);
      entryPoint.table = table.tcp.get(entryPoint.name);
    }
  }

  /** Resolves when all listen as the table in force needs. */
  async settled(): Promise<void> {
    await Promise.all(
      this.#all.map((entryPoint) => entryPoint instanceof EntryPoint ? entryPoint.settled() : undefined),
    );
  }

  /**
   * Opens one more.
   * @throws {ProxyError} `listen-failed`; `duplicate-entry-point`; `proxy-stopped`
   */
  async add(name: string, definition: EntryPointConfiguration): Promise<EntryPointPlace> {
    const { opened: [place] } = await this.#inTurn(() => {
      if (this.#definitions[name] !== undefined) throw refused("duplicate-entry-point", name, "it is there already");
      return this.#change({ ...this.#definitions, [name]: definition });
    });
    if (place === undefined) throw refused("listen-failed", name, `it can't listen on ${definition.address}`);
    return place;
  }

  /**
   * Opens, closes and changes entry points, so that they are as defined. Those with the same definition notice
   * nothing. New ones are open before old ones close; one that only changes its options keeps its listener.
   * @throws {ProxyError} `listen-failed`, `build-failed`, `proxy-stopped`; everything is as it was
   */
  change(definitions: Definitions): Promise<EntryPointChange> {
    return this.#inTurn(() => this.#change(definitions));
  }

  /** Accepts no more, lets requests finish, closes all. @param graceMs how long they may take. Default: as defined */
  async close(graceMs?: number): Promise<void> {
    this.#isStopping = true;
    await Promise.all([
      ...this.#all.map((entryPoint) => entryPoint.close(graceMs ?? this.#graceOf(entryPoint.name))),
      ...[...this.#leaving].map(async ({ entryPoint, over, graceMs: own }) => {
        if (entryPoint instanceof EntryPoint) await entryPoint.close(graceMs ?? own);
        await over;
      }),
    ]);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(() => {
      if (this.#isStopping) throw new ProxyError("entry points can't be changed: the proxy stops", STOPPED);
      return work();
    });
    this.#turn = done.catch(() => undefined); // told to whoever asked for it
    return done;
  }

  async #change(after: Definitions): Promise<EntryPointChange> {
    const before = this.#definitions;
    const previous = this.#all;
    const plan = planChange(before, after);
    const byName = new Map(previous.map((entryPoint) => [entryPoint.name, entryPoint]));
    const arrived = await this.#prepare(plan.arrivals, byName);
    // nothing waits from here on: no connection comes between the old and the new
    this.#definitions = after;
    this.#all = Object.keys(after).flatMap((name) => arrived.get(name) ?? byName.get(name) ?? []);
    if (!this.#options.rebuild(after)) {
      this.#definitions = before;
      this.#all = previous;
      this.#options.rebuild(before);
      await this.#discard(plan.arrivals, arrived);
      throw new ProxyError("no routing table could be built for the new entry points", {
        code: "build-failed",
        source: "internal",
        status: 500,
      });
    }
    this.#hand(plan.arrivals, arrived, byName);
    for (const name of plan.departures) this.#leave(byName.get(name), before[name], plan.arrivals);
    for (const entryPoint of arrived.values()) this.#count(entryPoint);
    return this.#tell(plan.arrivals, plan.departures);
  }

  /** Makes the new ones, and opens those that take over no listener. @throws {ProxyError} when one can't be opened */
  async #prepare(
    arrivals: readonly Arrival[],
    before: ReadonlyMap<string, AnyEntryPoint>,
  ): Promise<ReadonlyMap<string, AnyEntryPoint>> {
    const arrived = new Map<string, AnyEntryPoint>();
    try {
      for (const { name, definition, donor } of arrivals) {
        const entryPoint = this.#options.create(name, definition);
        if (entryPoint === undefined) throw refused("listen-failed", name, `it can't listen on ${definition.address}`);
        arrived.set(name, entryPoint);
        if (before.get(donor ?? "")?.isOpen !== true) await this.#open(entryPoint);
      }
    } catch (error) {
      await this.#discard(arrivals, arrived);
      throw error;
    }
    return arrived;
  }

  /** A listener that opens while the proxy stops would stay open for ever. */
  async #open(entryPoint: AnyEntryPoint): Promise<void> {
    if (!this.#isStopping) await entryPoint.open();
    if (!this.#isStopping) return;
    await entryPoint.close(0);
    throw refused("proxy-stopped", entryPoint.name, "the proxy stops");
  }

  async #discard(arrivals: readonly Arrival[], arrived: ReadonlyMap<string, AnyEntryPoint>): Promise<void> {
    await Promise.all(arrivals.map(({ name }) => arrived.get(name)?.close(0)));
  }

  /** The new ones begin to serve. */
  #hand(
    arrivals: readonly Arrival[],
    arrived: ReadonlyMap<string, AnyEntryPoint>,
    before: ReadonlyMap<string, AnyEntryPoint>,
  ): void {
    for (const { name, donor } of arrivals) {
      const entryPoint = arrived.get(name);
      const giver = before.get(donor ?? "");
      if (entryPoint instanceof UdpEntryPoint) {
        if (giver instanceof UdpEntryPoint) entryPoint.takeOver(giver);
      } else if (giver instanceof EntryPoint && giver.isOpen) entryPoint?.takeOver(giver);
      else entryPoint?.admit();
    }
  }

  /** One whose address is still served has all the time it needs: only its options were changed. */
  #leave(
    entryPoint: AnyEntryPoint | undefined,
    definition: EntryPointConfiguration | undefined,
    arrivals: readonly Arrival[],
  ): void {
    if (entryPoint === undefined) return;
    const graceMs = definition?.transport.lifeCycle.graceTimeOut ?? 0;
    const isReplaced = entryPoint instanceof EntryPoint && arrivals.some(({ donor }) => donor === entryPoint.name);
    const over = isReplaced ? entryPoint.retire() : entryPoint.close(graceMs);
    const leaving = { entryPoint, over, graceMs };
    this.#leaving.add(leaving);
    void over.then(() => {
      this.#leaving.delete(leaving);
      if (!this.#all.some(({ name }) => name === entryPoint.name)) this.#uncount(entryPoint);
    });
  }

  #tell(arrivals: readonly Arrival[], departures: readonly string[]): EntryPointChange {
    const names = new Set(arrivals.map(({ name }) => name));
    const places = this.places.filter(({ name }) => names.has(name));
    return {
      opened: places.filter(({ name }) => !departures.includes(name)),
      changed: places.filter(({ name }) => departures.includes(name)),
      closed: departures.filter((name) => !names.has(name)),
      unchanged: arrivals.flatMap(({ name, unchanged }) => unchanged.map((option) => `${name}.${option}`)),
    };
  }

  #graceOf(name: string): number {
    return this.#definitions[name]?.transport.lifeCycle.graceTimeOut ?? 0;
  }

  /** Those that leave are counted, too. */
  #count({ name, protocol }: AnyEntryPoint): void {
    this.#options.metrics?.openConnections(name, protocol, () => this.#connectionsOf(name, protocol));
  }

  #uncount({ name, protocol }: AnyEntryPoint): void {
    this.#options.metrics?.removeOpenConnections(name, protocol);
  }

  #connectionsOf(name: string, protocol: "tcp" | "udp"): number {
    let sum = 0;
    for (const entryPoint of [...this.#all, ...[...this.#leaving].map((leaving) => leaving.entryPoint)]) {
      if (entryPoint.name === name && entryPoint.protocol === protocol) sum += entryPoint.connections;
    }
    return sum;
  }
}

const STOPPED = { code: "proxy-stopped", source: "internal", status: 503 } as const;

function placeOf({ name, protocol, address }: AnyEntryPoint): EntryPointPlace {
  return { name, protocol, ...address };
}

function admit(entryPoint: AnyEntryPoint): void {
  if (entryPoint instanceof EntryPoint) entryPoint.admit();
}

function refused(code: string, name: string, reason: string): ProxyError {
  return new ProxyError(`the entry point ${name} can't be opened: ${reason}`, {
    code,
    source: "internal",
    status: 500,
  });
}
