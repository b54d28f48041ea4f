// The service that has servers: chooses one for each request, and another one while that is safe.

import type { Slot } from "../balancer/entry.ts";
import type { LoadBalancer } from "../config/dynamic.ts";
import type { Handler } from "../http/handler.ts";
import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import type { ProxyError } from "../net/error.ts";
import { toProxyError } from "../net/error.ts";
import type { BuiltService, ServiceContext, ServiceProblem } from "./context.ts";
import { createExchangeWatch } from "./exchange-watch.ts";
import type { ExchangeWatch } from "./exchange-watch.ts";
import { bookRetry, isRetryBudget, mayRetry, RetryBudget } from "./retry.ts";
import { Selector } from "./selector.ts";
import { createServerPool } from "./server-pool.ts";
import type { PooledServer, ServerPool } from "./server-pool.ts";
import type { Service } from "./service.ts";
import { answerFailure, StickySessions } from "./sticky.ts";
import type { Transport } from "./transport.ts";
import { noServer } from "./unavailable.ts";

/** Builds a load balancer. A server that can't be used is left out, with a problem. */
export function createLoadBalancer(key: string, config: LoadBalancer, context: ServiceContext): BuiltService {
  const problems: ServiceProblem[] = [];
  const pool = createServerPool(key, config, context, problems);
  const balancer = new LoadBalancing(key, config, context, pool);
  const service: Service = {
    name: context.name,
    handler: balancer.handler,
    available: () => balancer.selector.hasAvailable(),
    serverStatus: () => pool.status(),
  };
  return { service, problems };
}

const REST_MESSAGE = "server failed several times in a row: others serve its requests for a moment";

/** A request that has failed once, or may need a cookie. */
interface Exchange {
  readonly request: ProxyRequest;
  slot: Slot<PooledServer>;
  tried: Slot<PooledServer>[] | undefined;
  unsent: number;
  resent: number;
}

class LoadBalancing {
  readonly handler: Handler;
  readonly selector: Selector<PooledServer>;
  readonly #context: ServiceContext;
  readonly #transport: Transport;
  readonly #name: string;
  readonly #budget: RetryBudget;
  /** Absent where neither strategy nor passive checks want to know how exchanges end. */
  readonly #watch: ExchangeWatch | undefined;

  constructor(key: string, config: LoadBalancer, context: ServiceContext, pool: ServerPool) {
    const { strategy } = config;
    const entries = pool.entries;
    const health = pool.isChecked ? { available: (server: PooledServer) => server.health.up } : {};
    const now = (): number => context.now();
    // a passive health check is the user's own rule of when a server rests
    const rest = config.passiveHealthCheck === undefined
      ? { isResting: (server: PooledServer) => server.rest.isResting(now) }
      : {};
    this.selector = new Selector({ key, entries, strategy, context, ...health, ...rest });
    this.#context = context;
    this.#transport = context.transport;
    this.#name = context.name;
    this.#budget = context.state.take(`retry-budget ${key}`, isRetryBudget, () => new RetryBudget());
    this.#watch = createExchangeWatch(config, context);
    this.handler = this.#chooseHandler(config);
  }

  /** Works out once what a request of this service needs; with one server and nothing else, that is sending it. */
  #chooseHandler(config: LoadBalancer): Handler {
    if (config.sticky !== undefined) {
      const sticky = new StickySessions(config.sticky, this.#name, this.selector.slots, (slot) => slot.key);
      return (request) => this.#handleSticky(request, sticky);
    }
    const canFailOver = this.selector.slots.filter((slot) => slot.weight > 0).length > 1;
    return canFailOver ? (request) => this.#handle(request) : (request) => this.#handleOnce(request);
  }

  #handleOnce(request: ProxyRequest): ProxyResponse | Promise<ProxyResponse> {
    const slot = this.selector.pick(request);
    return slot === undefined ? noServer(request) : this.#send(request, slot);
  }

  #handle(request: ProxyRequest): ProxyResponse | Promise<ProxyResponse> {
    const slot = this.selector.pick(request);
    if (slot === undefined) return noServer(request);
    this.#budget.earn();
    const retry = (thrown: unknown): Promise<ProxyResponse> => this.#retry(newExchange(request, slot), thrown);
    return this.#send(request, slot).then(slot.item.rest.passOn, retry);
  }

  #handleSticky(
    request: ProxyRequest,
    sticky: StickySessions<PooledServer>,
  ): ProxyResponse | Promise<ProxyResponse> {
    const found = sticky.find(request);
    const held = found !== undefined && this.selector.canServe(found.slot) ? found : undefined;
    const slot = held?.slot ?? this.selector.pick(request);
    if (slot === undefined) return noServer(request);
    this.#budget.earn();
    const exchange = newExchange(request, slot);
    const mark = (answer: ProxyResponse): ProxyResponse => {
      const isKnown = exchange.slot === held?.slot && !held.isOutdated;
      return isKnown ? answer : sticky.mark(answer, exchange.slot);
    };
    const recover = (thrown: unknown): Promise<ProxyResponse> =>
      this.#retry(exchange, thrown).catch((last: unknown) => answerFailure(last, request, this.#context)).then(mark);
    const { rest } = slot.item;
    return this.#send(request, slot).then((answer) => mark(rest.passOn(answer)), recover);
  }

  #send(request: ProxyRequest, slot: Slot<PooledServer>): Promise<ProxyResponse> {
    const { target } = slot.item;
    request.record.serviceName = this.#name;
    request.record.serverUrl = target.url;
    const sent = this.#transport.send(request, target);
    return this.#watch === undefined ? sent : this.#watch.follow(sent, slot, request);
  }

  /** Goes on with other servers while that is allowed. @throws {ProxyError} of the last try */
  async #retry(exchange: Exchange, thrown: unknown): Promise<ProxyResponse> {
    const { request } = exchange;
    let error = this.#blame(exchange.slot, thrown);
    while (mayRetry(error, request, exchange)) {
      exchange.tried = [...(exchange.tried ?? []), exchange.slot];
      const next = this.selector.pick(request, exchange.tried);
      if (next === undefined || !bookRetry(error, exchange, this.#budget)) break;
      this.#context.logger.debug("trying another server", { serviceURL: next.key, error });
      exchange.slot = next;
      request.record.retries++;
      try {
        return await this.#send(request, next).then(next.item.rest.passOn);
      } catch (again) {
        error = this.#blame(next, again);
      }
    }
    throw error;
  }

  /** Counts a failure. A request that the client gave up says nothing about the server. */
  #blame(slot: Slot<PooledServer>, thrown: unknown): ProxyError {
    const error = toProxyError(thrown);
    const restMs = slot.item.rest.failed(error, this.#context.now());
    if (restMs !== undefined) this.#context.logger.warn(REST_MESSAGE, { serviceURL: slot.key, restMs, error });
    return error;
  }
}

function newExchange(request: ProxyRequest, slot: Slot<PooledServer>): Exchange {
  return { request, slot, tried: undefined, unsent: 0, resent: 0 };
}
