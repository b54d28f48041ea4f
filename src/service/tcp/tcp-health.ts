// Whether one TCP server is up: what its health check says, kept over reloads.

import type { TcpHealthCheck } from "../../config/dynamic-tcp.ts";
import { runAfter } from "../timer.ts";
import { TcpProbe } from "./tcp-probe.ts";
import type { TcpTarget } from "./tcp-server-pool.ts";
import type { TcpServiceContext } from "./tcp-service.ts";

const JITTER = 0.1; // ± of an interval, so that probes of many servers spread out

/** The health of one server. Kept in the state store, so that a reload doesn't forget who is down. */
export class TcpServerHealth {
  /** Read at every pick. A server nobody has judged is up. */
  up = true;
  readonly #check: TcpHealthCheck | undefined;
  #target: TcpTarget;
  /** Of the latest build. */
  #context: TcpServiceContext | undefined = undefined;
  #probe: TcpProbe | undefined = undefined;
  #stopWaiting: (() => void) | undefined = undefined;
  #isOver = false;

  constructor(target: TcpTarget, check: TcpHealthCheck | undefined) {
    this.#target = target;
    this.#check = check;
  }

  /** A build uses it: from now on its logger and clock are the ones to use. The first call begins probing. */
  attach(context: TcpServiceContext, target: TcpTarget): void {
    const isFirst = this.#context === undefined;
    this.#context = context;
    this.#target = target;
    context.onServerStatus?.(target.address, this.up);
    if (isFirst && this.#check !== undefined) this.#ask(context, this.#check);
  }

  /** No service uses it any more. */
  dispose(): void {
    this.#isOver = true;
    this.#stopWaiting?.();
    this.#probe?.cancel();
  }

  #ask(context: TcpServiceContext, check: TcpHealthCheck): void {
    if (this.#isOver) return;
    this.#probe = new TcpProbe(this.#target, check, context, (failure) => this.#settle(check, failure));
  }

  #settle(check: TcpHealthCheck, failure: string | undefined): void {
    const context = this.#context;
    if (this.#isOver || context === undefined) return;
    this.#judge(context, failure);
    const interval = this.up || check.unhealthyIntervalMs <= 0 ? check.intervalMs : check.unhealthyIntervalMs;
    const jitter = 1 + JITTER * (2 * context.random() - 1);
    this.#stopWaiting = runAfter(context, interval * jitter, () => this.#ask(this.#context ?? context, check));
  }

  #judge(context: TcpServiceContext, failure: string | undefined): void {
    const isUp = failure === undefined;
    if (isUp === this.up) return;
    this.up = isUp;
    const { address } = this.#target;
    if (isUp) context.logger.info("server is up again", { serverAddress: address });
    else context.logger.warn("server is down", { serverAddress: address, reason: failure });
    context.onServerStatus?.(address, isUp);
  }
}

/** For `StateStore.take`. */
export function isTcpServerHealth(value: unknown): value is TcpServerHealth {
  return value instanceof TcpServerHealth;
}
