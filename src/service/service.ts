// What a service is to those who send requests to it.

import type { Handler } from "../http/handler.ts";

/** A built service: a handler that knows whether it can serve. */
export interface Service {
  /** Display name, as logs and metrics show it, with `@provider`. */
  readonly name: string;
  readonly handler: Handler;
  /** True while at least one server can take a new request; a weighted parent skips it otherwise. */
  available(): boolean;
  /** Server URL → state, for the API; empty for services that have no servers of their own. */
  serverStatus(): Readonly<Record<string, "UP" | "DOWN">>;
}
