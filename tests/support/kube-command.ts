// What the parent of an API server's process may tell it to do.

import type { Fault } from "../../src/dev/fault/faults.ts";

/** What a change is made to. */
export const changedKinds = ["route", "slice", "service"] as const;

/** One of {@link changedKinds}. */
export type ChangedKind = (typeof changedKinds)[number];

/** How many objects there are, and where their endpoints listen. */
export interface Filling {
  readonly routes: number;
  /** Ports of the backends called `one`, `two` and `spare`. */
  readonly ports: readonly [number, number, number];
}

/** A command. */
export type KubeCommand =
  /** Opens the port, the same one each time. @returns the port */
  | { readonly do: "serve" }
  /** Closes the port; connections are cut. */
  | { readonly do: "refuse" }
  /** The port answers connections with RST. */
  | { readonly do: "reset" }
  /** A fault for all requests; without one, all is well. */
  | { readonly do: "fault"; readonly fault?: Fault }
  /** Ends open watches. */
  | { readonly do: "cut" }
  /** @returns when requests came, in milliseconds of the machine's clock, since the last such command */
  | { readonly do: "asked" }
  | ({ readonly do: "fill" } & Filling)
  /** A route with a Service and a slice of its own. */
  | { readonly do: "add"; readonly host: string; readonly port: number }
  /** Changes who answers for a route. @returns when */
  | { readonly do: "change"; readonly kind: ChangedKind; readonly index: number }
  /** Many changes at once, of routes below an index. @returns when the last one was made */
  | { readonly do: "storm"; readonly changes: number; readonly below: number };

/** Whether a message is one. */
export function isKubeCommand(value: unknown): value is KubeCommand {
  return typeof value === "object" && value !== null && "do" in value && typeof value.do === "string";
}
