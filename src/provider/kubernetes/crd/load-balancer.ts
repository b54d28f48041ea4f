// A reference to a Service → a load balancer, or one without servers where something is wrong.

import { quoteValue } from "../../../schema/issues.ts";
import type { LoadBalancer } from "../../../config/dynamic.ts";
import { sha256Hex } from "../../../net/hash.ts";
import { type Behaviour, DEFAULT_BEHAVIOUR, NO_SERVERS } from "../backend/behaviour.ts";
import { httpServersOf } from "../backend/http-servers.ts";
import { behaviourOf } from "./behaviour.ts";
import { keyOf } from "../names.ts";
import { type PlacedRef, toBackendRef } from "./placed-ref.ts";
import type { Translation } from "./translation.ts";

/** A load balancer and the names it gets as a part of its own. */
export interface TranslatedService {
  readonly key: string;
  readonly displayName: string;
  readonly service: LoadBalancer;
}

/**
 * Always gives a load balancer: one without servers, which answers 503, where something is wrong, so that the
 * mistake shows and no other route takes the requests.
 */
export function translateServiceRef(translation: Translation, placed: PlacedRef): TranslatedService {
  const { ref, path, referrer } = placed;
  const namespace = ref.namespace ?? referrer.namespace;
  const port = ref.port ?? "";
  const displayName = `${namespace}-${ref.name}-${port}`;
  const behaviour = behaviourOf(translation, placed);
  // Without its middlewares or transport a Service must not be served: that could be wrong or unsafe.
  const servers = behaviour === undefined ? undefined : httpServersOf(translation, toBackendRef(placed), referrer);
  if (behaviour === undefined || servers === undefined) {
    // Under a key of its own: what this referrer may not have must not be what another one has.
    const key = keyOf("unavailable", referrer.key, path.join("."));
    return { key, displayName, service: { ...NO_SERVERS, source: referrer.source } };
  }
  if (servers.length === 0) warnEmpty(translation, placed);
  const source = { type: "object", apiVersion: "v1", kind: "Service", namespace, name: ref.name } as const;
  return {
    key: keyOf("Service", namespace, ref.name, port, ...variantOf(placed, behaviour)),
    displayName,
    service: { kind: "loadBalancer", servers, ...behaviour, source },
  };
}

/** The same Service and port under other options is another load balancer, though it has the same name for people. */
function variantOf({ ref }: PlacedRef, behaviour: Behaviour): readonly string[] {
  const text = JSON.stringify([behaviour, ref.scheme, ref.nativeLB, ref.nodePortLB]);
  return text === PLAIN ? [] : [sha256Hex(text).slice(0, 16)];
}

const PLAIN = JSON.stringify([DEFAULT_BEHAVIOUR, undefined, undefined, undefined]);

function warnEmpty(translation: Translation, { ref, path, referrer }: PlacedRef): void {
  if (translation.options.allowEmptyServices !== false) return;
  translation.report(referrer.source, path, {
    severity: "warning",
    code: "empty-service",
    message: `the Service ${quoteValue(ref.name)} has no endpoints; it answers 503`,
    hint: `set ${translation.options.optionPrefix}.allowEmptyServices=true to expect that`,
  });
}
