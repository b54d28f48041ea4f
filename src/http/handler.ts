// The one interface of the request path: routers, middlewares and services are all handlers.

import type { ProxyRequest } from "./request.ts";
import type { ProxyResponse } from "./response.ts";

/**
 * Answers a request. It may answer at once, without a promise, which is what the fast path does.
 * A failure is a thrown or rejected `ProxyError`; whoever called turns it into a status.
 */
export type Handler = (request: ProxyRequest) => ProxyResponse | Promise<ProxyResponse>;

/** Runs `use` on the answer of a handler, without a promise where the handler needed none. */
export function mapResponse(
  answer: ProxyResponse | Promise<ProxyResponse>,
  use: (response: ProxyResponse) => ProxyResponse,
): ProxyResponse | Promise<ProxyResponse> {
  return answer instanceof Promise ? answer.then(use) : use(answer);
}
