// How a reference wants requests treated: strategy, stickiness, health checks, middlewares, transport.

import { toService } from "../../../config/decode-part.ts";
import type { Strategy } from "../../../config/dynamic.ts";
import type { Behaviour } from "../backend/behaviour.ts";
import { resolveMiddlewares } from "./middleware-refs.ts";
import type { PlacedRef } from "./placed-ref.ts";
import type { ServiceRef } from "./schema-service-ref.ts";
import type { Translation } from "./translation.ts";

/** @returns undefined when a middleware or transport is missing: serving without it could be wrong or unsafe */
export function behaviourOf(translation: Translation, { ref, path, referrer }: PlacedRef): Behaviour | undefined {
  const refs = { kind: "Middleware", refs: ref.middlewares, path: [...path, "middlewares"] } as const;
  const middlewares = resolveMiddlewares(translation, refs, referrer);
  const transport = ref.serversTransport;
  const serversTransport = transport === undefined ? undefined : translation.resolve({
    kind: "ServersTransport",
    name: transport,
    namespace: undefined,
    path: [...path, "serversTransport"],
    crossProvider: true,
  }, referrer);
  if (middlewares === undefined || (transport !== undefined && serversTransport === undefined)) return undefined;
  const service = toService({
    loadBalancer: {
      servers: [],
      strategy: strategyOf(ref.strategy),
      passHostHeader: ref.passHostHeader ?? true,
      sticky: ref.sticky,
      healthCheck: ref.healthCheck, // Traefik allows it for ExternalName Services only
      passiveHealthCheck: ref.passiveHealthCheck,
      serversTransport,
      middlewares: middlewares.length > 0 ? [...middlewares] : undefined,
    },
  });
  if (service?.kind !== "loadBalancer") return undefined;
  const { kind: _, servers: __, ...behaviour } = service;
  return behaviour;
}

function strategyOf(strategy: ServiceRef["strategy"]): Strategy {
  return strategy === undefined || strategy === "RoundRobin" ? "wrr" : strategy;
}
