// The parts of the `http` section of a file.

import { decodeOneKind, decodeWith } from "./decode-check.ts";
import type { DecodePart } from "./decode-check.ts";
import { toRouter, toServersTransport, toService, unusedTransportOptions } from "./decode-part.ts";
import type { HttpRouter, ServersTransport } from "./dynamic.ts";
import { check } from "./decode-check.ts";
import { routerSchema } from "./router-schema.ts";
import { serversTransportSchema, serviceSchema } from "./service-schema.ts";

/** A router. */
export const decodeRouter: DecodePart<HttpRouter> = decodeWith("router", routerSchema, (data, path) => ({
  ...toRouter(data),
  rulePath: [...path, "rule"],
}));

/** A service. */
export const decodeService = decodeOneKind(serviceSchema, toService);

/** A transport, and which of its options have no effect yet. */
export const decodeServersTransport: DecodePart<ServersTransport> = (input) => {
  const { data, problems } = check("serversTransport", serversTransportSchema, input);
  if (data === undefined) return { problems };
  const unused = unusedTransportOptions(data).map((name) => ({
    severity: "warning" as const,
    code: "no-effect",
    message: `"${name}" is accepted, without effect yet`,
    path: [name],
  }));
  return { part: toServersTransport(data), problems: [...problems, ...unused] };
};
