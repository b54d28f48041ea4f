// What a service answers when nobody can serve the request.

import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import { textResponse } from "../http/response.ts";

/** 503 with Traefik's text: the service has no servers, or none of them is up. */
export function noServer(request: ProxyRequest): ProxyResponse {
  request.record.errorCode = "no-available-server";
  return textResponse(503, "no available server\n");
}
