// Routers that never get a request, because another one with the same rule and priority is asked first.

import { formatRule } from "../rule/format.ts";
import type { RuleNode } from "../rule/tree.ts";
import { describeSource } from "../schema/problem-text.ts";
import type { Problem } from "../schema/problem.ts";
import type { Route, RouteIdentity } from "./route.ts";
import { degrade } from "./status.ts";
import type { RouterStatus } from "./status.ts";

/** A router that is shadowed, as it is to be shown, and what is to be said of it. */
export interface ShadowedRouter {
  readonly status: RouterStatus;
  readonly problem: Problem;
}

/** Who stands before a router, and where. */
interface Shadow {
  readonly by: RouterStatus;
  readonly entryPoints: string[];
}

const SPARE = 1_000; // identities kept beside those of the routes there are

/** Gives routes of equal rule and priority the same identity, over builds, and finds those that are shadowed. */
export class ShadowFinder {
  readonly #identities = new Map<string, RouteIdentity>();
  /** Number of the list looked through last. */
  #list = 0;

  /** @param rule compared as a tree: spaces and quotes make no difference */
  identityOf(rule: RuleNode, priority: number): RouteIdentity {
    const text = `${priority} ${formatRule(rule)}`;
    let identity = this.#identities.get(text);
    if (identity === undefined) {
      identity = { list: 0, first: undefined };
      this.#identities.set(text, identity);
    }
    return identity;
  }

  /**
   * Finds shadowed routers. All routes there are must be among those given: identities of others may be forgotten.
   * @param routes by entry point
   * @returns by the status of the router, which stays as it is
   */
  find(routes: ReadonlyMap<string, readonly Route[]>): Map<RouterStatus, ShadowedRouter> {
    const shadows = new Map<RouterStatus, Shadow>();
    const before = this.#list;
    let count = 0;
    for (const [entryPoint, list] of routes) {
      count += list.length;
      for (const [status, by] of this.#shadowedOn(list)) {
        const shadow = shadows.get(status);
        if (shadow === undefined) shadows.set(status, { by, entryPoints: [entryPoint] });
        else shadow.entryPoints.push(entryPoint);
      }
    }
    if (this.#identities.size > 2 * count + SPARE) this.#forget(before);
    return new Map([...shadows].map(([status, shadow]) => [status, describe(status, shadow)]));
  }

  /** Each shadowed router of one entry point, with the one that gets its requests. */
  #shadowedOn(routes: readonly Route[]): [shadowed: RouterStatus, by: RouterStatus][] {
    const list = ++this.#list;
    let isAnyShadowed = false;
    for (const route of routes) {
      const { identity } = route;
      const first = identity.list === list ? identity.first : undefined;
      identity.list = list;
      if (first !== undefined) isAnyShadowed = true;
      if (first === undefined || route.order < first.order) identity.first = route;
    }
    if (!isAnyShadowed) return [];
    return routes.flatMap(({ identity, status }) => {
      const by = identity.first?.status;
      return by === undefined || by === status ? [] : [[status, by] satisfies [RouterStatus, RouterStatus]];
    });
  }

  /** Forgets the identities that no list since `before` had. */
  #forget(before: number): void {
    for (const [text, { list }] of this.#identities) if (list <= before) this.#identities.delete(text);
  }
}

function describe(status: RouterStatus, { by, entryPoints }: Shadow): ShadowedRouter {
  const where = entryPoints.length === status.using.length ? "" : ` on ${entryPoints.join(", ")}`;
  // Routes of one object with the same rule have the same name.
  const { source: origin } = by.config;
  const other = by.name === status.name && origin !== undefined
    ? `another route of ${describeSource(origin)}`
    : by.name;
  const message = `never reached${where}: ${other} has the same rule and priority`;
  const shown = { ...status, errors: [...status.errors] };
  degrade(shown, "warning", message);
  const { source, rulePath } = status.config;
  const problem: Problem = {
    severity: "warning",
    code: "shadowed-router",
    message: `router ${status.name}: ${message}`,
    hint: "remove one of them, or give it a higher priority",
    ...(source !== undefined && { source }),
    ...(rulePath !== undefined && { path: rulePath }),
  };
  return { status: shown, problem };
}
