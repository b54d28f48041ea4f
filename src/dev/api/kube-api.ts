// The embedded Kubernetes API: a fetch handler over the objects in memory, enough for kubectl and informers.

import { Hono } from "hono";
import { createAdmission } from "../admission/admission.ts";
import type { ValidateObject } from "../admission/schema-causes.ts";
import { definitionOf } from "../kube/custom-resource.ts";
import { traefikCustomKinds } from "../kube/built-in-kinds.ts";
import { KindRegistry } from "../kube/kind-registry.ts";
import { ObjectStore } from "../kube/object-store.ts";
import type { KubeObject } from "../kube/object.ts";
import { methodNotAllowed, notFound, unknownResource } from "../kube/status.ts";
import { AppliedStates } from "./applied-states.ts";
import type { ApiContext, LogLookup } from "./context.ts";
import { coreVersions, group, groupList, resourceList, rootPaths, versionInfo } from "./discovery.ts";
import { readLog } from "./log.ts";
import { patch } from "./patch.ts";
import { existing, readList, readOne } from "./read.ts";
import { removeCollection, removeOne } from "./remove.ts";
import { PlainNotFound, resolveResource, type ResourceRequest } from "./resource-request.ts";
import { failureAnswer, jsonAnswer, objectAnswer } from "./respond.ts";
import { answerReview, reviewResources } from "./review.ts";
import { scale } from "./scale.ts";
import { WatchHub } from "./watch.ts";
import { create, update } from "./write.ts";

/** What the API works with. */
export interface KubeApiOptions {
  /** Schemas of custom resources. Default: none, everything is accepted. */
  readonly validate?: ValidateObject;
  /** Default: pods have no log. */
  readonly logs?: LogLookup;
  /** Objects that a create may replace. Default: none. */
  readonly isPlaceholder?: (object: KubeObject) => boolean;
}

/** An embedded Kubernetes API. */
export interface KubeApi {
  /** Answers one request. Watches answer with a stream that goes on. */
  fetch(request: Request): Promise<Response>;
  readonly store: ObjectStore;
  readonly kinds: KindRegistry;
  /** The gate that writes from elsewhere must pass as well. */
  readonly admit: ApiContext["admit"];
  /** Ends all watches and followed logs. */
  close(): void;
}

/**
 * Makes an empty cluster with Traefik's kinds, the usual namespaces, and no controllers.
 *
 * @example
 * const api = createKubeApi();
 * const list = await api.fetch(new Request("http://cluster/api/v1/services"));
 */
export function createKubeApi(options: KubeApiOptions = {}): KubeApi {
  const store = new ObjectStore();
  const kinds = new KindRegistry();
  const closing = new AbortController();
  const context: ApiContext = {
    store,
    kinds,
    admit: createAdmission(options.validate ?? (() => [])),
    logs: options.logs ?? (() => undefined),
    applied: new AppliedStates(store),
    closing: closing.signal,
    isPlaceholder: options.isPlaceholder ?? (() => false),
  };
  serveDefinitions(context);
  populate(context);
  const watches = new WatchHub(store);
  const app = createApp(context, watches);
  return {
    fetch: async (request) => await app.fetch(request),
    store,
    kinds,
    admit: context.admit,
    close: () => {
      watches.close();
      closing.abort();
    },
  };
}

/** Kinds come and go with the CustomResourceDefinitions in the store. */
function serveDefinitions({ store, kinds }: ApiContext): void {
  store.subscribe(({ type, kind, object }) => {
    if (kind.kind !== "CustomResourceDefinition") return;
    if (type === "DELETED") kinds.withdraw(object);
    else kinds.declare(object);
  });
}

function populate({ store, kinds, admit }: ApiContext): void {
  const add = (kindName: string, content: Readonly<Record<string, unknown>>, namespace = "") => {
    const kind = kinds.builtIn(kindName);
    const draft = { kind, content: { ...content }, namespace, name: undefined, previous: undefined };
    store.put(kind, admit({ ...draft, fieldValidation: "Ignore" }).object);
  };
  for (const name of ["default", "kube-node-lease", "kube-public", "kube-system"]) {
    add("Namespace", { metadata: { name } });
  }
  add("ServiceAccount", { metadata: { name: "default" } }, "default");
  for (const kind of traefikCustomKinds) add("CustomResourceDefinition", definitionOf(kind));
}

const EMPTY_OPENAPI = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

function createApp(context: ApiContext, watches: WatchHub): Hono {
  const app = new Hono();
  const { kinds } = context;
  const found = (request: Request, value: unknown) => {
    if (value === undefined) throw new PlainNotFound(404, "NotFound", "404 page not found");
    return jsonAnswer(request, value);
  };
  app.onError((thrown) => failureAnswer(thrown));
  app.notFound(() => failureAnswer(new PlainNotFound(404, "NotFound", "404 page not found")));
  for (const path of ["/healthz", "/livez", "/readyz"]) app.get(path, (c) => c.text("ok"));
  app.get("/", (c) => jsonAnswer(c.req.raw, rootPaths(kinds)));
  app.get("/version", (c) => jsonAnswer(c.req.raw, versionInfo));
  // Schemas are asked for by every `kubectl apply`; an empty protobuf message is a valid document without any.
  app.get("/openapi/v2", () => new Response("", { headers: { "content-type": EMPTY_OPENAPI } }));
  app.get("/api", (c) => jsonAnswer(c.req.raw, coreVersions(c.req.header("host") ?? "")));
  app.get("/api/v1", (c) => found(c.req.raw, resourceList(kinds, "v1")));
  app.get("/apis", (c) => jsonAnswer(c.req.raw, groupList(kinds)));
  app.get("/apis/:group", (c) => found(c.req.raw, group(kinds, c.req.param("group"))));
  app.get("/apis/:group/:version", (c) => {
    return found(c.req.raw, resourceList(kinds, `${c.req.param("group")}/${c.req.param("version")}`));
  });
  for (const review of reviewResources) {
    const path = review.namespaced ? `namespaces/:namespace/${review.plural}` : review.plural;
    app.post(
      `/apis/${review.groupVersion}/${path}`,
      (c) => jsonAnswer(c.req.raw, answerReview(review), { status: 201 }),
    );
  }
  app.all("/api/v1/*", (c) => serveResource(context, watches, c.req.raw));
  app.all("/apis/:group/:version/*", (c) => serveResource(context, watches, c.req.raw));
  return app;
}

async function serveResource(context: ApiContext, watches: WatchHub, request: Request): Promise<Response> {
  const target = resolveResource(context.kinds, request);
  if (target.subresource !== undefined) return await serveSubresource(context, target);
  return await (target.name === undefined ? serveCollection(context, watches, target) : serveObject(context, target));
}

function serveCollection(
  context: ApiContext,
  watches: WatchHub,
  target: ResourceRequest,
): Promise<Response> | Response {
  switch (target.request.method) {
    case "GET":
      return isWatch(target.query) ? watches.open(target) : readList(context.store, target);
    case "POST":
      return create(context, target);
    case "DELETE":
      return removeCollection(context, target);
    default:
      throw methodNotAllowed();
  }
}

function serveObject(context: ApiContext, target: ResourceRequest): Promise<Response> | Response {
  switch (target.request.method) {
    case "GET":
      return readOne(context, target);
    case "POST":
      return create(context, target);
    case "PUT":
      return update(context, target);
    case "PATCH":
      return patch(context, target);
    case "DELETE":
      return removeOne(context, target);
    default:
      throw methodNotAllowed();
  }
}

async function serveSubresource(context: ApiContext, target: ResourceRequest): Promise<Response> {
  const { kind, subresource = "", request } = target;
  if (!kind.subresources.includes(subresource)) {
    throw kind.custom ? notFound(kind, target.name ?? "") : unknownResource();
  }
  if (subresource === "scale") return await scale(context, target);
  if (request.method === "GET") {
    return subresource === "log" ? readLog(context, target) : objectAnswer(target, existing(context.store, target));
  }
  if (subresource === "log") throw methodNotAllowed();
  if (request.method === "PUT") return await update(context, target);
  if (request.method === "PATCH") return await patch(context, target);
  throw methodNotAllowed();
}

/** Anything but false is a yes, as in a real server. */
function isWatch(query: URLSearchParams): boolean {
  const watch = query.get("watch");
  return watch !== null && watch !== "" && watch !== "false" && watch !== "0" && watch !== "False" && watch !== "FALSE";
}
