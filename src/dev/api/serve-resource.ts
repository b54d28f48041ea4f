// Requests below a resource: which verb of the API answers them.

import { checkEscalation, givesRights } from "../auth/escalation.ts";
import type { RequestInfo, ResourcePath } from "../auth/request-info.ts";
import type { User } from "../auth/user.ts";
import { isObject } from "../json.ts";
import { resourceOf } from "../kube/kind.ts";
import { badRequest, methodNotAllowed, notFound, StatusError, unknownResource } from "../kube/status.ts";
import { checkAcceptable } from "./accept.ts";
import type { ApiContext } from "./context.ts";
import { finalize } from "./finalize.ts";
import { isTrue } from "./list-options.ts";
import { readLog } from "./log.ts";
import { patch } from "./patch.ts";
import { existing, readList, readOne } from "./read.ts";
import { removeCollection, removeOne } from "./remove.ts";
import { resolveResource, type ResourceRequest } from "./resource-request.ts";
import { objectAnswer, warningText } from "./respond.ts";
import { answerReview, findReview } from "./review.ts";
import { scale } from "./scale.ts";
import { requestToken } from "./token-request.ts";
import type { WatchHub } from "./watch.ts";
import { create, update } from "./write.ts";

/** What answers requests below resources. */
export interface ResourceServer {
  readonly context: ApiContext;
  readonly watches: WatchHub;
}

/** A request below a resource. */
export interface Incoming {
  readonly info: RequestInfo & { readonly resource: ResourcePath };
  readonly request: Request;
  readonly user: User;
}

type Answer = Response | Promise<Response>;

/** Answers a request below a resource. @throws {StatusError} */
export async function serveResource(server: ResourceServer, incoming: Incoming): Promise<Response> {
  const review = findReview(incoming.info.resource);
  if (review !== undefined) return await answerReview(server.context, review, incoming);
  const target = resolveResource(server.context.kinds, incoming.info, incoming);
  if (!target.kind.custom) checkAcceptable(target.request, target.name === undefined);
  const { deprecation } = target.kind;
  if (deprecation === undefined) return await serveTarget(server, target);
  try {
    const answer = await serveTarget(server, target);
    answer.headers.append("warning", warningText(deprecation));
    return answer;
  } catch (thrown) {
    if (thrown instanceof StatusError) thrown.warnings = [deprecation, ...thrown.warnings];
    throw thrown;
  }
}

function serveTarget(server: ResourceServer, target: ResourceRequest): Answer {
  if (target.subresource !== undefined) return serveSubresource(server.context, target);
  return target.name === undefined ? serveCollection(server, target) : serveObject(server.context, target);
}

function serveCollection({ context, watches }: ResourceServer, target: ResourceRequest): Answer {
  switch (target.request.method) {
    case "HEAD":
      if (!target.kind.custom) throw methodNotAllowed();
      return readList(context, target);
    case "GET":
      return isTrue(target.query.get("watch")) ? watches.open(target) : readList(context, target);
    case "POST":
      return guarded(context, target, create);
    case "DELETE":
      if (target.kind.namespaced && target.namespace === "") throw methodNotAllowed();
      return removeCollection(context, target);
    case "PUT":
    case "PATCH":
      if (target.kind.custom) throw badRequest("name must be provided");
      throw methodNotAllowed();
    default:
      throw unsupported(target);
  }
}

function serveObject(context: ApiContext, target: ResourceRequest): Answer {
  switch (target.request.method) {
    case "HEAD":
      if (!target.kind.custom) throw methodNotAllowed();
      return readOne(context, target);
    case "GET":
      return readOne(context, target);
    case "POST":
      return guarded(context, target, create);
    case "PUT":
      return guarded(context, target, update);
    case "PATCH":
      return guarded(context, target, patch);
    case "DELETE":
      return removeOne(context, target);
    default:
      throw unsupported(target);
  }
}

/** Custom resources tell a method that stands for no verb in other words. */
function unsupported({ kind, verb }: ResourceRequest): StatusError {
  if (!kind.custom) return methodNotAllowed();
  const message = `${verb} is not supported on resources of kind ${JSON.stringify(resourceOf(kind))}`;
  return new StatusError(405, "MethodNotAllowed", message, { group: kind.group, kind: kind.plural });
}

/** Subresources with ways of their own; `token` is one of accounts only. */
const ownWays: Readonly<Record<string, (context: ApiContext, target: ResourceRequest) => Answer>> = {
  finalize,
  log: (context, target) => {
    if (target.request.method !== "GET") throw methodNotAllowed();
    return readLog(context, target);
  },
  scale,
  token: requestToken,
};

async function serveSubresource(context: ApiContext, target: ResourceRequest): Promise<Response> {
  const { kind, subresource = "", request } = target;
  const isToken = kind.kind === "ServiceAccount" && subresource === "token";
  if (!isToken && !kind.subresources.includes(subresource)) {
    throw kind.custom ? notFound(kind, target.name ?? "") : unknownResource();
  }
  const own = Object.hasOwn(ownWays, subresource) ? ownWays[subresource] : undefined;
  if (own !== undefined) return await own(context, target);
  if (request.method === "GET") return objectAnswer(target, existing(context.store, target));
  if (request.method === "PUT") return await update(context, target);
  if (request.method === "PATCH") return await patch(context, target);
  throw unsupported(target);
}

type Write = (context: ApiContext, target: ResourceRequest) => Promise<Response>;

/** A write of a role or binding is tried first, so that what it hands out can be compared with what its author has. */
async function guarded(context: ApiContext, target: ResourceRequest, write: Write): Promise<Response> {
  const { access } = context;
  if (!access.authorizes || !givesRights(target.kind)) return await write(context, target);
  const query = new URLSearchParams(target.query);
  query.set("dryRun", "All");
  const request = new Request(target.request.clone());
  request.headers.set("accept", "application/json");
  const tried = await write(context, { ...target, query, request });
  const object: unknown = await tried.json();
  if (isObject(object)) checkEscalation(access.rbac, target.user, target.kind, object);
  return await write(context, target);
}
