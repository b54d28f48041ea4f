// How exchanges with servers end, for the strategies and checks that want to know.

import type { Slot } from "../balancer/entry.ts";
import type { LoadBalancer } from "../config/dynamic.ts";
import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import { toProxyError } from "../net/error.ts";
import type { ServiceContext } from "./context.ts";
import type { PooledServer } from "./server-pool.ts";
import { WatchedBody } from "./watched-body.ts";

const SERVER_ERROR = 500;

/** Looks on while one exchange after the other goes by. */
export interface ExchangeWatch {
  /** @returns the same answer or failure, seen */
  follow(sent: Promise<ProxyResponse>, slot: Slot<PooledServer>, request: ProxyRequest): Promise<ProxyResponse>;
}

/** @returns undefined when nobody wants to know: then no request pays for it */
export function createExchangeWatch(config: LoadBalancer, context: ServiceContext): ExchangeWatch | undefined {
  const countsLoad = config.strategy === "p2c" || config.strategy === "leasttime";
  const watches: ExchangeWatch[] = [];
  if (countsLoad) watches.push({ follow: (sent, slot) => followLoad(sent, slot, context) });
  if (config.passiveHealthCheck !== undefined) watches.push({ follow: followHealth });
  const [first, second] = watches;
  if (first === undefined || second === undefined) return first;
  return { follow: (sent, slot, request) => second.follow(first.follow(sent, slot, request), slot, request) };
}

/** Requests in flight, until the answer's body is through, and the time to the first byte. */
function followLoad(
  sent: Promise<ProxyResponse>,
  slot: Slot<PooledServer>,
  context: ServiceContext,
): Promise<ProxyResponse> {
  const startedAt = context.now();
  slot.start();
  return sent.then((answer) => {
    slot.firstByte(context.now() - startedAt);
    if (answer.body === undefined) slot.finish();
    else answer.body = new WatchedBody(answer.body, () => slot.finish());
    return answer;
  }, (thrown: unknown) => {
    slot.finish();
    throw toProxyError(thrown);
  });
}

/** Failures that are the server's: nothing came back, or an error status. A client that leaves is not one. */
function followHealth(
  sent: Promise<ProxyResponse>,
  slot: Slot<PooledServer>,
  request: ProxyRequest,
): Promise<ProxyResponse> {
  const { health } = slot.item;
  return sent.then((answer) => {
    if (answer.status >= SERVER_ERROR) health.failed(`status ${answer.status}`);
    else health.succeeded();
    return answer;
  }, (thrown: unknown) => {
    const error = toProxyError(thrown);
    if (error.source === "upstream" && request.aborted === undefined) health.failed(error.code);
    throw error;
  });
}
