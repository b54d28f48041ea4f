// Whether one server is up: what active and passive checks say of it, kept over reloads.

import type { PassiveHealthCheck } from "../config/dynamic.ts";
import { ActiveCheck } from "./active-check.ts";
import type { ServiceContext } from "./context.ts";
import { PassiveCheck } from "./passive-check.ts";
import type { ProbePlan } from "./probe-plan.ts";
import type { Target } from "./transport.ts";

/** The health of one server. Kept in the state store, so that a reload doesn't forget who is down. */
export class ServerHealth {
  /** Read at every pick. A server nobody has judged is up. */
  up: boolean;
  readonly #target: Target;
  readonly #active: ActiveCheck | undefined;
  readonly #passive: PassiveCheck | undefined;
  /** Of the latest build. */
  #context: ServiceContext | undefined = undefined;

  constructor(target: Target, plan: ProbePlan | undefined, passive: PassiveHealthCheck | undefined) {
    this.up = true;
    this.#target = target;
    const judge = (isUp: boolean, reason: string): void => this.#judge(isUp, reason);
    this.#active = plan === undefined ? undefined : new ActiveCheck(plan, target, judge);
    this.#passive = passive === undefined ? undefined : new PassiveCheck(passive, plan === undefined, judge);
  }

  /** A build uses it: from now on its transport, logger and clock are the ones to use. Begins probing at once. */
  attach(context: ServiceContext): void {
    this.#context = context;
    this.#passive?.attach(context);
    this.#active?.attach(context);
    context.onServerStatus?.(this.#target.url, this.up);
  }

  /** An exchange went well. */
  succeeded(): void {
    this.#passive?.succeeded();
  }

  /** The server could not be reached, broke off, or answered 500 or more. @param reason for the log */
  failed(reason: string): void {
    if (this.up) this.#passive?.failed(reason);
  }

  /** No service uses it any more. */
  dispose(): void {
    this.#active?.dispose();
    this.#passive?.dispose();
  }

  #judge(isUp: boolean, reason: string): void {
    if (isUp) this.#passive?.reset();
    if (isUp === this.up) return;
    this.up = isUp;
    const context = this.#context;
    if (context === undefined) return;
    const fields = { serviceURL: this.#target.url, reason };
    if (isUp) context.logger.info("server is up again", fields);
    else context.logger.warn("server is down", fields);
    context.onServerStatus?.(this.#target.url, isUp);
  }
}

/** For `StateStore.take`. */
export function isServerHealth(value: unknown): value is ServerHealth {
  return value instanceof ServerHealth;
}
