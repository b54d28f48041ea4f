// A session's hold on a UDP server: what the balancer and the counters learn of it.

import type { Slot } from "../../balancer/entry.ts";
import { parseServerAddress } from "../../config/address.ts";
import type { ProxyError } from "../../net/error.ts";
import type { UdpLease } from "../../net/udp-handler.ts";
import { isServerRest, ServerRest } from "../server-rest.ts";
import type { ByteCounter } from "../tcp/tunnel.ts";
import type { UdpServiceContext } from "./udp-service.ts";

const REST_MESSAGE = "server refused several sessions in a row: others get its clients for a moment";

/** A server as a UDP load balancer holds it. */
export interface UdpTarget {
  readonly host: string;
  readonly port: number;
  readonly rest: ServerRest;
}

/** @returns undefined when the address is none */
export function createUdpTarget(key: string, address: string, context: UdpServiceContext): UdpTarget | undefined {
  const place = parseServerAddress(address);
  if (place === undefined) return undefined;
  const restKey = `rest udp ${JSON.stringify([key, address])}`;
  return { ...place, rest: context.state.take(restKey, isServerRest, () => new ServerRest()) };
}

/** See the file's sentence. */
export class UdpServerLease implements UdpLease {
  readonly host: string;
  readonly port: number;
  readonly received: ByteCounter;
  readonly sent: ByteCounter;
  readonly #slot: Slot<UdpTarget>;
  readonly #context: UdpServiceContext;
  readonly #startedAt: number;
  #isAnswered = false;

  constructor(slot: Slot<UdpTarget>, context: UdpServiceContext) {
    const { meter } = context;
    this.host = slot.item.host;
    this.port = slot.item.port;
    this.received = meter.received;
    this.sent = meter.sent;
    this.#slot = slot;
    this.#context = context;
    this.#startedAt = context.now();
    meter.total.value++;
    meter.open.value++;
    slot.start();
  }

  get address(): string {
    return this.#slot.key;
  }

  answered(): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#slot.firstByte(this.#context.now() - this.#startedAt);
    this.#slot.item.rest.passOn(undefined);
  }

  end(error?: ProxyError): void {
    this.#context.meter.open.value--;
    this.#slot.finish();
    if (error === undefined) return;
    const serverAddress = this.#slot.key;
    const restMs = this.#slot.item.rest.failed(error, this.#context.now());
    if (restMs !== undefined) this.#context.logger.warn(REST_MESSAGE, { serverAddress, restMs, error });
    else this.#context.logger.debug("the server ended a UDP session", { serverAddress, error });
  }
}
