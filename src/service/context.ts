// What a service is built from besides its configuration, and what building one gives back.

import type { StateStore } from "../net/state.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Service } from "./service.ts";
import type { Transport } from "./transport.ts";

/** What a service may use while it is built and while it serves. */
export interface ServiceContext {
  /** Display name with `@provider`, as logs and metrics show it. */
  readonly name: string;
  readonly transport: Transport;
  /** Says which service it speaks of. */
  readonly logger: Logger;
  readonly state: StateStore;
  /**
   * The service a configuration refers to by that name.
   * @throws {ProxyError} when there is none, or it can't be built, or refers back to this one
   */
  child(name: string): Service;
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** 0 ≤ x < 1. */
  random(): number;
  /** Runs something later, for health checks. Default: `setTimeout`. @returns gives it up */
  after?(ms: number, run: () => void): () => void;
  /** Told of each server's state: once when the service is built, then at every change. */
  onServerStatus?(url: string, up: boolean): void;
  /** Told when a mirrored copy is given up or not sent at all. */
  onMirrorDropped?(mirror: string, reason: MirrorDrop): void;
}

/** Why a mirror did not get its copy: too far behind the main, or too many copies on their way. */
export type MirrorDrop = "slow" | "busy";

/** One thing that is wrong with a service's configuration; a `Problem` that lacks its source. */
export interface ServiceProblem {
  readonly severity: "error" | "warning";
  /** Machine-readable, in kebab case. */
  readonly code: string;
  /** Names the thing, quotes the value, says what was wanted. */
  readonly message: string;
  readonly hint?: string;
  /** Path of the field inside the service's configuration. */
  readonly path: readonly (string | number)[];
}

/** A service, and what had to be left out of it. */
export interface BuiltService {
  readonly service: Service;
  /** Empty when everything the configuration asks for is in force. */
  readonly problems: readonly ServiceProblem[];
}
