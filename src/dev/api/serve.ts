// The way of a request through the embedded API: deadline, user, limits, rights, and then whatever answers it.

import { ImpersonationError } from "../auth/impersonation.ts";
import { type RequestInfo, requestInfo } from "../auth/request-info.ts";
import type { User } from "../auth/user.ts";
import { badRequest } from "../kube/status.ts";
import { createDiscoveryApp } from "./discovery-app.ts";
import type { InFlight } from "./in-flight.ts";
import { failureAnswer, textAnswer } from "./respond.ts";
import { type ResourceServer, serveResource } from "./serve-resource.ts";

/** What a server is made of. */
export interface ServerParts extends ResourceServer {
  readonly inFlight: InFlight;
}

/** The fetch handler of the API, in the order of a real server's filters. */
export function createServer(parts: ServerParts): (request: Request) => Promise<Response> {
  const { context, inFlight } = parts;
  const discovery = createDiscoveryApp(context);
  const answer = async (info: RequestInfo, request: Request, user: User) => {
    context.access.check(user, info);
    const { resource } = info;
    if (resource === undefined) return await discovery.fetch(request);
    return withoutBody(request, await serveResource(parts, { info: { ...info, resource }, request, user }));
  };
  return async (request) => {
    const info = requestInfo(request);
    try {
      checkTimeout(info.query);
      const user = await context.access.userOf(request);
      return await inFlight.run(info, user, async () => {
        try {
          return await answer(info, request, user);
        } catch (thrown) {
          return withoutBody(request, failureAnswer(thrown, request));
        }
      });
    } catch (thrown) {
      if (thrown instanceof ImpersonationError) {
        return textAnswer(`Internal Server Error: ${JSON.stringify(info.path)}: ${thrown.message}\n`, 500);
      }
      return withoutBody(request, failureAnswer(thrown, request));
    }
  };
}

const DURATION = /^[-+]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/;

/** @throws {StatusError} 400 for a deadline that is no duration of Go's */
function checkTimeout(query: URLSearchParams): void {
  const timeout = query.get("timeout") ?? "";
  if (timeout === "" || timeout === "0" || DURATION.test(timeout)) return;
  const shown = JSON.stringify(timeout);
  throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${shown}`);
}

function withoutBody(request: Request, response: Response): Response {
  if (request.method !== "HEAD") return response;
  return new Response(null, { status: response.status, headers: response.headers });
}
