// Services made of services: weighted round robin, and highest random weight by the client's address.

import type { BalancerStrategy } from "../balancer/balancer.ts";
import type { Slot } from "../balancer/entry.ts";
import type { HighestRandomWeight, StickyCookie, Weighted } from "../config/dynamic.ts";
import type { Handler } from "../http/handler.ts";
import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import { childEntries } from "./children.ts";
import type { BuiltService, ServiceContext, ServiceProblem } from "./context.ts";
import { Selector } from "./selector.ts";
import type { Service } from "./service.ts";
import { answerFailure, StickySessions } from "./sticky.ts";
import { noServer } from "./unavailable.ts";

/** Builds a weighted service. A child that is missing is left out with a problem; an empty one is skipped. */
export function createWeighted(key: string, config: Weighted, context: ServiceContext): BuiltService {
  return createComposite(key, config, { strategy: "wrr", sticky: config.sticky }, context);
}

/** Builds a service that sends each client to the same child. */
export function createHighestRandomWeight(
  key: string,
  config: HighestRandomWeight,
  context: ServiceContext,
): BuiltService {
  return createComposite(key, config, { strategy: "hrw", sticky: undefined }, context);
}

interface Choice {
  readonly strategy: BalancerStrategy;
  readonly sticky: StickyCookie | undefined;
}

function createComposite(
  key: string,
  config: Weighted | HighestRandomWeight,
  choice: Choice,
  context: ServiceContext,
): BuiltService {
  const problems: ServiceProblem[] = [];
  const entries = childEntries(config.services, context, problems);
  const available = (child: Service): boolean => child.available();
  const selector = new Selector({ key, entries, strategy: choice.strategy, context, available });
  const service: Service = {
    name: context.name,
    handler: choice.sticky === undefined ? plainHandler(selector) : stickyHandler(selector, choice.sticky, context),
    available: () => selector.hasAvailable(),
    serverStatus: () => ({}),
  };
  return { service, problems };
}

function plainHandler(selector: Selector<Service>): Handler {
  return (request) => {
    const slot = selector.pick(request);
    return slot === undefined ? noServer(request) : slot.item.handler(request);
  };
}

function stickyHandler(selector: Selector<Service>, config: StickyCookie, context: ServiceContext): Handler {
  const sessions = new StickySessions(config, context.name, selector.slots, (slot) => slot.key);
  return (request) => {
    const found = sessions.find(request);
    const held = found !== undefined && selector.canServe(found.slot) ? found : undefined;
    const slot = held?.slot ?? selector.pick(request);
    if (slot === undefined) return noServer(request);
    if (held !== undefined && !held.isOutdated) return slot.item.handler(request);
    return answerMarked(request, slot, sessions, context);
  };
}

function answerMarked(
  request: ProxyRequest,
  slot: Slot<Service>,
  sessions: StickySessions<Service>,
  context: ServiceContext,
): ProxyResponse | Promise<ProxyResponse> {
  try {
    const answer = slot.item.handler(request);
    if (!(answer instanceof Promise)) return sessions.mark(answer, slot);
    return answer
      .catch((thrown: unknown) => answerFailure(thrown, request, context))
      .then((got) => sessions.mark(got, slot));
  } catch (thrown) {
    return sessions.mark(answerFailure(thrown, request, context), slot);
  }
}
