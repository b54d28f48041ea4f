// For middlewares whose headers must also be on the answers that failures become.

import { backendFailure, errorResponse } from "../http/error-response.ts";
import type { Handler } from "../http/handler.ts";
import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import type { Logger } from "../telemetry/logger.ts";

/** Changes an answer in place. */
export type Change = (response: ProxyResponse) => void;

/** Asks `next` and changes its answer; a failure of the backend becomes an answer here, and is changed too. */
export function answerWith(
  next: Handler,
  request: ProxyRequest,
  logger: Logger,
  change: Change,
): ProxyResponse | Promise<ProxyResponse> {
  const changed = (response: ProxyResponse) => {
    change(response);
    return response;
  };
  try {
    const answer = next(request);
    if (!(answer instanceof Promise)) return changed(answer);
    return answer.then(changed, (thrown: unknown) => changed(answerFailure(thrown, request, logger)));
  } catch (thrown) {
    return changed(answerFailure(thrown, request, logger));
  }
}

/** @throws {ProxyError} when the failure is not the backend's: a client that is gone or at fault gets no answer here */
function answerFailure(thrown: unknown, request: ProxyRequest, logger: Logger): ProxyResponse {
  const error = backendFailure(thrown, request);
  const { record } = request;
  logger.debug("the server did not answer", { serviceName: record.serviceName, serviceURL: record.serverUrl, error });
  return errorResponse(error);
}
