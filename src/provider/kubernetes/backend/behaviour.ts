// How a load balancer treats requests, whoever asks for it, and the one that stands in where none can be had.

import type { LoadBalancer } from "../../../config/dynamic.ts";

/** Everything of a load balancer but its servers and names. */
export type Behaviour = Omit<LoadBalancer, "kind" | "servers" | "displayName" | "source">;

/** What a reference without options gets. */
export const DEFAULT_BEHAVIOUR: Behaviour = { strategy: "wrr", passHostHeader: true };

/** Answers 503. */
export const NO_SERVERS: LoadBalancer = { kind: "loadBalancer", servers: [], ...DEFAULT_BEHAVIOUR };
