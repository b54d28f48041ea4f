// Requests that weir answers itself, before any router is asked.

import type { ProxyResponse } from "../http/response.ts";
import { textResponse } from "../http/response.ts";
import type { RequestHead } from "../http1/request-head.ts";

/** @returns undefined: the request is for the handler */
export function ownAnswer(head: RequestHead): ProxyResponse | undefined {
  if (head.path === "*") return textResponse(200, ""); // OPTIONS * asks about weir itself
  if (head.upgrade !== "websocket") return undefined;
  return textResponse(501, "weir does not tunnel WebSocket connections yet\n");
}
