// What all parts of the dynamic configuration have in common, whatever their protocol.

import type { RuleNode, RuleSyntax } from "../rule/tree.ts";
import type { Source } from "../schema/problem.ts";

/** What every named part may carry besides its own fields. */
export interface Part {
  /** Traefik-style name for people (`default-wrr`); the key it is stored under when absent. */
  readonly displayName?: string;
  /** Where it came from, for problems and the API. */
  readonly source?: Source;
}

/** A part that its provider could not make whole. */
export interface Breakable {
  /** What the provider found wrong with it and has reported: whatever needs the part must not serve. */
  readonly defects?: readonly string[];
}

/** What the routers of HTTP and TCP have in common. */
export interface RuledRouter extends Part {
  /** Absent: all default entry points. */
  readonly entryPoints?: readonly string[];
  readonly rule: string | RuleNode;
  /** Where the rule stands in the router's source: `["spec", "routes", 0, "match"]`. */
  readonly rulePath?: readonly (string | number)[];
  /** Default: the static configuration's default syntax. */
  readonly ruleSyntax?: RuleSyntax;
  /** 0 or absent: the length of the rule's text. */
  readonly priority?: number;
  readonly middlewares?: readonly string[];
  readonly service: string;
  /** What the provider found wrong with it and has reported: shown as the router's errors. */
  readonly defects?: readonly string[];
}

/** A service that splits what comes between services by weight. */
export interface WeightedServices extends Part {
  readonly kind: "weighted";
  readonly services: readonly WeightedChild[];
}

/** A child of a weighted service. */
export interface WeightedChild {
  readonly name: string;
  readonly weight: number;
}

/** A middleware: its kind and its parsed options. */
export interface KindAndOptions extends Part {
  /** A name of the protocol's middleware registry: `stripPrefix`, `inFlightConn`. */
  readonly kind: string;
  readonly options: unknown;
}

/** How a service of TCP or UDP chooses a server, by the names that HTTP services have. */
export type L4Strategy = "wrr" | "p2c" | "hrw" | "leasttime";
