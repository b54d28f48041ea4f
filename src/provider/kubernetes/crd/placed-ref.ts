// A service reference together with where it stands and who holds it.

import type { FieldPath } from "../../../schema/path.ts";
import type { HttpBackendRef } from "../backend/http-servers.ts";
import type { Referrer } from "../reference.ts";
import type { TraefikGroup } from "../traefik-group.ts";
import type { ServiceRef } from "./schema-service-ref.ts";

/** An object of Traefik's kinds that holds references. */
export interface CrdReferrer extends Referrer {
  /** Objects of the same API group are looked for first. */
  readonly group: TraefikGroup;
}

/** One service reference of an object. */
export interface PlacedRef {
  readonly ref: ServiceRef;
  readonly path: FieldPath;
  readonly referrer: CrdReferrer;
}

/** The reference as far as servers are concerned. */
export function toBackendRef({ ref, path }: PlacedRef): HttpBackendRef {
  const { name, namespace, port, scheme, nativeLB, nodePortLB } = ref;
  return { name, namespace, port, protocol: "TCP", scheme, nativeLB, nodePortLB, path };
}
