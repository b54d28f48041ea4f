// All that one build remembers for the next one.

import type { Handler } from "../http/handler.ts";
import type { BuildContext, EntryPointFacts } from "./context.ts";
import { PartMemory } from "./memory.ts";
import type { MiddlewareOutcome } from "./middleware-builder.ts";
import type { Route } from "./route.ts";
import { createRouteFinder, type RouteFinder } from "./route-finder.ts";
import type { RouterOutcome } from "./router-builder.ts";
import type { ServiceOutcome } from "./service-builder.ts";
import { ShadowFinder } from "./shadowed.ts";

/** Kept in the state store, so that it lives as long as what it refers to. */
export class BuildMemory {
  readonly middlewares = new PartMemory<MiddlewareOutcome>();
  readonly services = new PartMemory<ServiceOutcome>();
  readonly shadows = new ShadowFinder();
  readonly #context: BuildContext;
  #routers = new PartMemory<RouterOutcome>();
  #entryPoints: readonly EntryPointFacts[] = [];
  #finders: ReadonlyMap<string, RouteFinder> = new Map();

  constructor(context: BuildContext) {
    this.#context = context;
  }

  /** Whether it was made with that context: with another one, everything may be different. */
  isOf(context: BuildContext): boolean {
    return this.#context === context;
  }

  /** A build begins. @param entryPoints with other ones, or others' middlewares, all routers are made again */
  turn(entryPoints: readonly EntryPointFacts[]): PartMemory<RouterOutcome> {
    if (JSON.stringify(entryPoints) !== JSON.stringify(this.#entryPoints)) this.#routers = new PartMemory();
    this.#entryPoints = entryPoints;
    this.middlewares.turn();
    this.services.turn();
    this.#routers.turn();
    return this.#routers;
  }

  /** The handlers of all entry points: that of the last build where the routes are the same. */
  handlers(routes: ReadonlyMap<string, readonly Route[]>): ReadonlyMap<string, Handler> {
    const before = this.#finders;
    this.#finders = new Map([...routes].map(([name, list]) => [name, createRouteFinder(list, before.get(name))]));
    return new Map([...this.#finders].map(([name, { handler }]) => [name, handler]));
  }

  /** The build has succeeded. */
  settle(): void {
    this.middlewares.settle();
    this.services.settle();
    this.#routers.settle();
  }
}

/** For `StateStore.take`. */
export function isBuildMemory(value: unknown): value is BuildMemory {
  return value instanceof BuildMemory;
}
