// Routers that never get a request, because another one with the same rule and priority is asked first.

import { formatRule } from "../rule/format.ts";
import type { Problem } from "../schema/problem.ts";
import type { Route } from "./route.ts";
import { degrade } from "./status.ts";
import type { RouterStatus } from "./status.ts";

/** Who stands before a router, and where. */
interface Shadow {
  readonly by: RouterStatus;
  readonly entryPoints: string[];
}

/**
 * Marks them, and tells of each once. Rules are compared as trees: spaces and quotes make no difference.
 * @param routes by entry point
 */
export function reportShadowed(routes: ReadonlyMap<string, readonly Route[]>): Problem[] {
  const shadows = new Map<RouterStatus, Shadow>();
  for (const [entryPoint, list] of routes) {
    for (const [status, by] of findShadowed(list)) {
      const shadow = shadows.get(status);
      if (shadow === undefined) shadows.set(status, { by, entryPoints: [entryPoint] });
      else shadow.entryPoints.push(entryPoint);
    }
  }
  return [...shadows].map(([status, shadow]) => toProblem(status, shadow));
}

/** Each shadowed router of one entry point, with the one that gets its requests. */
function findShadowed(routes: readonly Route[]): [shadowed: RouterStatus, by: RouterStatus][] {
  const keyed = routes.map((route) => [`${route.priority} ${formatRule(route.rule)}`, route] as const);
  const firsts = new Map<string, Route>();
  for (const [key, route] of keyed) {
    const known = firsts.get(key);
    if (known === undefined || route.order < known.order) firsts.set(key, route);
  }
  return keyed.flatMap(([key, { status }]) => {
    const by = firsts.get(key)?.status;
    return by === undefined || by === status ? [] : [[status, by] satisfies [RouterStatus, RouterStatus]];
  });
}

function toProblem(status: RouterStatus, { by, entryPoints }: Shadow): Problem {
  const where = entryPoints.length === status.using.length ? "" : ` on ${entryPoints.join(", ")}`;
  const message = `never reached${where}: ${by.name} has the same rule and priority`;
  degrade(status, "warning", message);
  const { source, rulePath } = status.config;
  return {
    severity: "warning",
    code: "shadowed-router",
    message: `router ${status.name}: ${message}`,
    hint: "remove one of them, or give it a higher priority",
    ...(source !== undefined && { source }),
    ...(rulePath !== undefined && { path: rulePath }),
  };
}
