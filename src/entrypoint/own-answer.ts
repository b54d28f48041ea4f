// Requests that weir answers itself, before any router is asked.

import type { ProxyResponse } from "../http/response.ts";
import { textResponse } from "../http/response.ts";
import type { RequestHead } from "../http1/request-head.ts";

/** @returns undefined: the request is for the handler */
export function ownAnswer(head: RequestHead): ProxyResponse | undefined {
  return head.path === "*" ? textResponse(200, "") : undefined; // OPTIONS * asks about weir itself
}
