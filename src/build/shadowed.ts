// Routers that never get a request, because another one with the same rule and priority is asked first.

import type { Problem } from "../schema/problem.ts";
import type { Route } from "./route.ts";
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

/**
 * Finds them. Rules are compared as trees: spaces and quotes make no difference.
 * @param routes by entry point
 * @returns by the status of the router, which stays as it is
 */
export function findShadowed(routes: ReadonlyMap<string, readonly Route[]>): Map<RouterStatus, ShadowedRouter> {
  const shadows = new Map<RouterStatus, Shadow>();
  for (const [entryPoint, list] of routes) {
    for (const [status, by] of shadowedOn(list)) {
      const shadow = shadows.get(status);
      if (shadow === undefined) shadows.set(status, { by, entryPoints: [entryPoint] });
      else shadow.entryPoints.push(entryPoint);
    }
  }
  return new Map([...shadows].map(([status, shadow]) => [status, describe(status, shadow)]));
}

/** Each shadowed router of one entry point, with the one that gets its requests. */
function shadowedOn(routes: readonly Route[]): [shadowed: RouterStatus, by: RouterStatus][] {
  const firsts = new Map<string, Route>();
  for (const route of routes) {
    const known = firsts.get(route.identity);
    if (known === undefined || route.order < known.order) firsts.set(route.identity, route);
  }
  if (firsts.size === routes.length) return [];
  return routes.flatMap(({ identity, status }) => {
    const by = firsts.get(identity)?.status;
    return by === undefined || by === status ? [] : [[status, by] satisfies [RouterStatus, RouterStatus]];
  });
}

function describe(status: RouterStatus, { by, entryPoints }: Shadow): ShadowedRouter {
  const where = entryPoints.length === status.using.length ? "" : ` on ${entryPoints.join(", ")}`;
  const message = `never reached${where}: ${by.name} has the same rule and priority`;
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
