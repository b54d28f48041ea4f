// Who uses which part: worked out when somebody asks, as only the API wants to know.

import type { GraphService, Services } from "./service-graph.ts";
import { withDescendants } from "./service-graph.ts";
import { UserList } from "./user-list.ts";

/** What a router of a table uses, by key. */
export interface RouterUses {
  /** Name of the router. */
  readonly router: string;
  readonly service: string;
  /** Of the router and of its entry points. */
  readonly middlewares: readonly string[];
}

/** Names of routers by the key of what they use. */
export class Usage {
  readonly #services: Services;
  readonly #uses: readonly RouterUses[];
  #lists: { readonly services: UsersByKey; readonly middlewares: UsersByKey } | undefined = undefined;

  constructor(services: Services, uses: readonly RouterUses[]) {
    this.#services = services;
    this.#uses = uses;
  }

  /** Routers that send requests to a service, directly or through others. */
  ofService(key: string): readonly string[] {
    return this.#all().services.get(key) ?? [];
  }

  /** Routers that have a middleware, or one of whose services has. */
  ofMiddleware(key: string): readonly string[] {
    return this.#all().middlewares.get(key) ?? [];
  }

  #all(): { readonly services: UsersByKey; readonly middlewares: UsersByKey } {
    this.#lists ??= this.#collect();
    return this.#lists;
  }

  #collect(): { readonly services: UsersByKey; readonly middlewares: UsersByKey } {
    const services = new UserLists();
    const middlewares = new UserLists();
    const below = new Map<string, readonly string[]>();
    for (const { router, service, middlewares: own } of this.#uses) {
      for (const key of own) middlewares.add(key, router);
      let reached = below.get(service);
      if (reached === undefined) {
        reached = withDescendants(this.#services, service);
        below.set(service, reached);
      }
      for (const key of reached) {
        services.add(key, router);
        for (const middleware of middlewaresOf(this.#services[key])) middlewares.add(middleware, router);
      }
    }
    return { services: services.lists, middlewares: middlewares.lists };
  }
}

/** Middlewares a service has of its own, by key. */
export function middlewaresOf(config: GraphService | undefined): readonly string[] {
  return config?.kind === "loadBalancer" ? config.middlewares ?? [] : [];
}

type UsersByKey = ReadonlyMap<string, readonly string[]>;

class UserLists {
  readonly lists = new Map<string, string[]>();
  readonly #users = new UserList();

  add(key: string, user: string): void {
    let list = this.lists.get(key);
    if (list === undefined) {
      list = [];
      this.lists.set(key, list);
    }
    this.#users.add(key, user, list);
  }
}
