// A service with a spare: the fallback serves when the main service is down, or answers with an error.

import type { Failover } from "../config/dynamic.ts";
import { BytesBody } from "../http/body.ts";
import { statusResponse } from "../http/error-response.ts";
import type { Handler } from "../http/handler.ts";
import type { ExchangeRecord, ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import { textResponse } from "../http/response.ts";
import { toProxyError } from "../net/error.ts";
import type { Buffered } from "./buffered-body.ts";
import { bufferBody } from "./buffered-body.ts";
import { findChild } from "./children.ts";
import type { BuiltService, ServiceContext, ServiceProblem } from "./context.ts";
import { discard } from "./discard.ts";
import type { Service } from "./service.ts";

const UNAVAILABLE = 503;
const TOO_LARGE = 413;
/**
 * Bytes of a request kept for the fallback when the configuration sets no limit. A longer one goes to the main
 * service as it is, and that answer stands.
 */
const REPLAY_LIMIT = 1024 * 1024;

/**
 * Builds a failover service. With one of the two missing, the other one serves alone, with a problem.
 * @throws {ProxyError} when both are missing
 */
export function createFailover(config: Failover, context: ServiceContext): BuiltService {
  const problems: ServiceProblem[] = [];
  const alone = "the other service serves alone";
  const main = findChild(context, { name: config.service, path: ["service"], hint: alone }, problems);
  const spare = main === undefined ? undefined : { name: config.fallback, path: ["fallback"], hint: alone };
  const fallback = spare === undefined ? context.child(config.fallback) : findChild(context, spare, problems);
  const services = [main, fallback].filter((service) => service !== undefined);
  const service: Service = {
    name: context.name,
    handler: main !== undefined && fallback !== undefined && config.errors !== undefined
      ? replayOnError({ main, fallback, rule: config.errors, context })
      : chooseByHealth(services),
    available: () => services.some((child) => child.available()),
    serverStatus: () => ({}),
  };
  return { service, problems };
}

/** @param services in order of preference */
function chooseByHealth(services: readonly Service[]): Handler {
  return (request) => {
    for (const service of services) if (service.available()) return service.handler(request);
    request.record.errorCode = "no-available-server";
    return statusResponse(UNAVAILABLE);
  };
}

type ErrorRule = NonNullable<Failover["errors"]>;

interface Pair {
  readonly main: Service;
  readonly fallback: Service;
  readonly rule: ErrorRule;
  readonly context: ServiceContext;
}

/** Sends a request again, to the fallback, when the main service answers with one of these statuses. */
function replayOnError(pair: Pair): Handler {
  const { main, fallback, rule } = pair;
  const byHealth = chooseByHealth([main, fallback]);
  const { maxRequestBodyBytes: maxBytes } = rule;
  return (request) => {
    // a tunnel can't be sent again; and with one of the two down there is nothing to choose
    if (request.upgrade !== undefined || !main.available() || !fallback.available()) return byHealth(request);
    if (request.body === undefined) return tryBoth(request, undefined, pair);
    if (maxBytes >= 0 && (request.body.length ?? 0) > maxBytes) return tooLarge();
    return bufferBody(request.body, maxBytes < 0 ? REPLAY_LIMIT : maxBytes).then((buffered) => {
      if ("whole" in buffered) return tryBoth(request, buffered, pair);
      if (maxBytes >= 0) {
        buffered.rest.cancel();
        return tooLarge();
      }
      request.body = buffered.rest;
      return main.handler(request);
    });
  };
}

async function tryBoth(
  request: ProxyRequest,
  buffered: Extract<Buffered, { readonly whole: Uint8Array }> | undefined,
  pair: Pair,
): Promise<ProxyResponse> {
  const { main, fallback, rule } = pair;
  const replay = () => buffered && new BytesBody(buffered.whole, buffered.trailers);
  // made before the main service's middlewares may change the request
  const second = request.copy(replay());
  if (buffered !== undefined) request.body = replay();
  try {
    const answer = await main.handler(request);
    if (!matches(rule, answer.status) || !fallback.available()) return answer;
    discard(answer, pair.context);
  } catch (thrown) {
    const error = toProxyError(thrown);
    const isOurs = error.source !== "downstream" && request.aborted === undefined;
    if (!isOurs || !matches(rule, error.status) || !fallback.available()) throw error;
  }
  second.inform = request.inform;
  request.onAbort(second);
  try {
    return await fallback.handler(second);
  } finally {
    adopt(request.record, second.record);
  }
}

function matches(rule: ErrorRule, status: number): boolean {
  return rule.status.some(([from, to]) => status >= from && status <= to);
}

function tooLarge(): ProxyResponse {
  return textResponse(TOO_LARGE, "Request body too large\n");
}

/** What the log shows is the exchange that was answered. */
function adopt(record: ExchangeRecord, second: ExchangeRecord): void {
  record.serviceName = second.serviceName;
  record.serverUrl = second.serverUrl;
  record.originStatus = second.originStatus;
  record.originMs = second.originMs;
  record.retries += second.retries;
  record.errorCode = second.errorCode;
}
