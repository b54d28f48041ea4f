// The services that a service is made of: a missing one is a problem, not the end of its parent.

import { toProxyError } from "../net/error.ts";
import type { ServiceContext, ServiceProblem } from "./context.ts";
import type { Service } from "./service.ts";

/** A reference from one service's configuration to another service. */
export interface ChildReference {
  readonly name: string;
  /** Of the field inside the configuration that holds the name. */
  readonly path: readonly (string | number)[];
  /** What happens without it. */
  readonly hint: string;
}

/** @returns undefined, and a problem, when the service is missing or can't be built */
export function findChild(
  context: ServiceContext,
  reference: ChildReference,
  problems: ServiceProblem[],
): Service | undefined {
  const { name, path, hint } = reference;
  try {
    return context.child(name);
  } catch (thrown) {
    const { code, message } = toProxyError(thrown);
    problems.push({ severity: "error", code, message, hint, path });
    return undefined;
  }
}
