// Services in the shape and with the field names of Traefik's API.

import type { Failover, HealthCheck, HttpService, LoadBalancer, Mirroring, StickyCookie } from "../config/dynamic.ts";
import { toGoDuration } from "../schema/duration.ts";

type Json = Readonly<Record<string, unknown>>;

/** `{loadBalancer: {…}}` and its like: the kind is the key. */
export function toServiceJson(service: HttpService): Json {
  switch (service.kind) {
    case "loadBalancer":
      return { loadBalancer: loadBalancerJson(service) };
    case "weighted":
      return { weighted: { services: service.services, ...stickyJson(service.sticky) } };
    case "highestRandomWeight":
      return { highestRandomWeight: { services: service.services } };
    case "mirroring":
      return { mirroring: mirroringJson(service) };
    case "failover":
      return { failover: failoverJson(service) };
  }
}

function loadBalancerJson(service: LoadBalancer): Json {
  const { healthCheck, passiveHealthCheck, serversTransport } = service;
  return {
    ...stickyJson(service.sticky),
    servers: service.servers.map((server) => ({
      url: server.url,
      ...(server.weight === 1 ? {} : { weight: server.weight }),
      ...(server.preservePath ? { preservePath: true } : {}),
      ...(server.fenced === true ? { fenced: true } : {}),
    })),
    strategy: service.strategy,
    ...(healthCheck === undefined ? {} : { healthCheck: healthCheckJson(healthCheck) }),
    ...(passiveHealthCheck === undefined ? {} : {
      passiveHealthCheck: {
        failureWindow: toGoDuration(passiveHealthCheck.failureWindowMs),
        maxFailedAttempts: passiveHealthCheck.maxFailedAttempts,
      },
    }),
    passHostHeader: service.passHostHeader,
    ...(serversTransport === undefined ? {} : { serversTransport }),
    ...(service.middlewares === undefined ? {} : { middlewares: service.middlewares }),
  };
}

function healthCheckJson(check: HealthCheck): Json {
  const { intervalMs, unhealthyIntervalMs, timeoutMs, status, port, headers, ...same } = check;
  return {
    ...same,
    ...(status === 0 ? {} : { status }),
    ...(port === 0 ? {} : { port }),
    interval: toGoDuration(intervalMs),
    unhealthyInterval: toGoDuration(unhealthyIntervalMs),
    timeout: toGoDuration(timeoutMs),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  };
}

function mirroringJson(service: Mirroring): Json {
  return {
    service: service.service,
    mirrorBody: service.mirrorBody,
    maxBodySize: service.maxBodySize,
    mirrors: service.mirrors,
  };
}

function failoverJson(service: Failover): Json {
  const { errors } = service;
  return {
    service: service.service,
    fallback: service.fallback,
    ...(errors === undefined ? {} : {
      errors: {
        status: errors.status.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)),
        maxRequestBodyBytes: errors.maxRequestBodyBytes,
      },
    }),
  };
}

function stickyJson(cookie: StickyCookie | undefined): Json {
  return cookie === undefined ? {} : { sticky: { cookie } };
}
