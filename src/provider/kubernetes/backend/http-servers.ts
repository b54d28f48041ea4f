// The servers of a Service for HTTP: its endpoints under a scheme.

import { quoteValue } from "../../../schema/issues.ts";
import type { Server } from "../../../config/dynamic.ts";
import { hintFor } from "../../../schema/suggest.ts";
import type { Referrer } from "../reference.ts";
import { type BackendRef, pathOf } from "./backend-ref.ts";
import { type BackendContext, report } from "./context.ts";
import { type Endpoint, hostPort } from "./endpoints.ts";
import type { ServicePort } from "./schema.ts";
import { endpointsOfRef } from "./service-endpoints.ts";

/** Schemes of servers. */
export const SCHEMES = ["http", "https", "h2c"] as const;

const HTTPS_PORT = 443;

/** A reference to a Service that speaks HTTP. */
export interface HttpBackendRef extends BackendRef {
  /** Absent: `https` where the port is 443 or its name begins with that, else `http`. */
  readonly scheme: string | undefined;
}

/** @returns undefined when something is wrong, which has been reported; an empty list when there are no endpoints */
export function httpServersOf(
  context: BackendContext,
  ref: HttpBackendRef,
  referrer: Referrer,
): readonly Server[] | undefined {
  const found = endpointsOfRef(context, ref, referrer);
  if (found === undefined) return undefined;
  const scheme = ref.scheme ?? schemeOf(found.port);
  if (!SCHEMES.some((known) => known === scheme)) {
    const hint = hintFor(scheme, SCHEMES);
    report(context, { source: referrer.source, path: pathOf(ref, "scheme") }, {
      code: "invalid-value",
      message: `"scheme" must be one of ${SCHEMES.join(", ")}, got ${quoteValue(scheme)}`,
      ...(hint !== undefined && { hint }),
    });
    return undefined;
  }
  return toServers(found.endpoints, scheme);
}

/** The same endpoints under the same scheme are the same list: ten thousand routes may lead to one Service. */
const lists = new WeakMap<readonly Endpoint[], Map<string, readonly Server[]>>();

function toServers(endpoints: readonly Endpoint[], scheme: string): readonly Server[] {
  let byScheme = lists.get(endpoints);
  if (byScheme === undefined) lists.set(endpoints, byScheme = new Map());
  let servers = byScheme.get(scheme);
  if (servers === undefined) {
    servers = endpoints.map(({ host, port, fenced }) => ({
      url: `${scheme}://${hostPort(host, port)}`,
      weight: 1,
      preservePath: false,
      ...(fenced && { fenced }),
    }));
    byScheme.set(scheme, servers);
  }
  return servers;
}

function schemeOf(port: ServicePort): string {
  return port.port === HTTPS_PORT || (port.name ?? "").startsWith("https") ? "https" : "http";
}
