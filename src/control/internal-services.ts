// The internal services as handlers of the request path: the API answers with real Requests and Responses.

import type { Handler } from "../http/handler.ts";
import { fromResponse } from "../http/response.ts";
import type { Api } from "../api/create-api.ts";
import { statusResponse } from "../http/error-response.ts";

/** Handlers by service name. `noop@internal` answers 418, as Traefik's does. */
export function internalServices(api: Api): ReadonlyMap<string, Handler> {
  const services = Object.entries(api.services).map(([name, fetch]): [string, Handler] => [name, fetchHandler(fetch)]);
  return new Map<string, Handler>([...services, ["noop@internal", () => statusResponse(418)]]);
}

/** Wraps a fetch handler. */
export function fetchHandler(fetch: (request: Request) => Response | Promise<Response>): Handler {
  return async (request) => fromResponse(await fetch(request.toRequest()));
}
