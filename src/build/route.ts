// One router of one entry point, ready to answer: a handler that writes down who took the request, then the chain.

import { errorResponse } from "../http/error-response.ts";
import { mapResponse } from "../http/handler.ts";
import type { Handler } from "../http/handler.ts";
import type { Meter } from "../http/sample.ts";
import type { ProxyError } from "../net/error.ts";
import type { RuleNode } from "../rule/tree.ts";
import type { OptionSet } from "../tls/option-set.ts";
import type { RouterStatus } from "./status.ts";

/** Rule and priority of routes: see `shadowed.ts`. */
export interface RouteIdentity {
  /** Number of the list of routes that was looked through last. */
  list: number;
  /** The route of that list that is asked first. */
  first: Route | undefined;
}

/** What the router of an entry point chooses between. It stays the same object while nothing about it changes. */
export interface Route {
  readonly rule: RuleNode;
  readonly priority: number;
  /** Ties go to the smaller one, then to the one that comes first in its list. */
  readonly order: number;
  /** Rule and priority: of two routes with the same, one gets no requests. The same object for the same two. */
  readonly identity: RouteIdentity;
  /** The status of the router it belongs to. */
  readonly status: RouterStatus;
  /** Present: takes requests over TLS only. */
  readonly tls?: RouteTls;
  readonly handler: Handler;
}

/** TLS of a route. */
export interface RouteTls {
  /** undefined: they can't be had, and the route is closed. */
  readonly options: OptionSet | undefined;
}

/** What a route writes into the record of each request it takes. */
export interface RouteFacts {
  /** `name@provider`. */
  readonly routerName: string;
  readonly serviceName: string;
  readonly routerMeter: Meter | undefined;
  readonly serviceMeter: Meter | undefined;
  readonly logged: boolean;
  /** The request's headers are copied for the access log. */
  readonly keepsHeaders: boolean;
}

/** Wraps the chain of a router. */
export function recordRoute(facts: RouteFacts, chain: Handler): Handler {
  const { routerName, serviceName, routerMeter, serviceMeter, logged } = facts;
  const keepsHeaders = facts.keepsHeaders && logged;
  return (request) => {
    const { record } = request;
    record.routerName = routerName;
    record.serviceName = serviceName;
    record.routerMeter = routerMeter;
    record.serviceMeter = serviceMeter;
    record.logged = logged;
    if (keepsHeaders) record.requestHeaders = request.headers.clone();
    return chain(request);
  };
}

/** Wraps a service so that the access log sees the headers it answered with, before middlewares change them. */
export function recordOrigin(service: Handler): Handler {
  return (request) =>
    mapResponse(service(request), (response) => {
      request.record.originHeaders = response.headers.clone();
      return response;
    });
}

/** The chain of a router that can't serve: its requests fail, and fall through to no other router. */
export function closedChain(error: ProxyError): Handler {
  return (request) => {
    request.record.errorCode = error.code;
    return errorResponse(error);
  };
}
