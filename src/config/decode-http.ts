// The parts of the `http` section of a file.

import { decodeOneKind, decodeWith } from "./decode-check.ts";
import type { DecodePart } from "./decode-check.ts";
import { toRouter, toServersTransport, toService } from "./decode-part.ts";
import type { HttpRouter, ServersTransport } from "./dynamic.ts";
import { routerSchema } from "./router-schema.ts";
import { serversTransportSchema, serviceSchema } from "./service-schema.ts";

/** A router. */
export const decodeRouter: DecodePart<HttpRouter> = decodeWith("router", routerSchema, (data, path) => ({
  ...toRouter(data),
  rulePath: [...path, "rule"],
}));

/** A service. */
export const decodeService = decodeOneKind(serviceSchema, toService);

/** A transport. */
export const decodeServersTransport: DecodePart<ServersTransport> = decodeWith(
  "serversTransport",
  serversTransportSchema,
  toServersTransport,
);
