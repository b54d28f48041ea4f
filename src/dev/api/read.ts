// GET: one object, or a list with selectors, pages and states of the past.

import { type Kind, resourceOf } from "../kube/kind.ts";
import type { ObjectStore } from "../kube/object-store.ts";
import { type KubeObject, nameOf, namespaceOf } from "../kube/object.ts";
import { requestSelector } from "../kube/selector.ts";
import { badRequest, notFound, StatusError } from "../kube/status.ts";
import type { JsonObject } from "../json.ts";
import type { ApiContext } from "./context.ts";
import { type ContinueToken, decodeToken, encodeToken } from "./continue-token.ts";
import { type ListOptions, listOptions, versionNumber } from "./list-options.ts";
import type { ResourceRequest } from "./resource-request.ts";
import { listAnswer, objectAnswer } from "./respond.ts";

const FRESH_WAIT_MS = 3000; // how long a real server waits for a version that its cache has not seen

/** The stored object a request names. @throws {StatusError} 404 */
export function existing(store: ObjectStore, { kind, namespace, name = "" }: ResourceRequest): KubeObject {
  const object = store.get(kind, namespace, name);
  if (object === undefined) throw notFound(kind, name);
  return object;
}

/**
 * GET of one object. `kubectl apply` looks before it creates, and must not find an object that nobody declared: it
 * would say "configured" and warn.
 */
export async function readOne(context: ApiContext, target: ResourceRequest): Promise<Response> {
  const version = versionNumber(target.query.get("resourceVersion") ?? "");
  if (version > 0) await reach(context, target, version);
  const object = existing(context.store, target);
  const applies = target.request.headers.get("kubectl-command") === "kubectl apply";
  if (applies && context.isPlaceholder(object)) throw notFound(target.kind, object.metadata.name);
  return objectAnswer(target, object);
}

/** The selected objects of a collection, by namespace and name. */
export function selectObjects(store: ObjectStore, { kind, namespace, query }: ResourceRequest): KubeObject[] {
  return store.list(kind, namespace).filter(requestSelector(kind, namespace, query));
}

/** GET of a collection. */
export async function readList(context: ApiContext, target: ResourceRequest): Promise<Response> {
  const { kind, namespace, query } = target;
  const selects = requestSelector(kind, namespace, query);
  const options = listOptions(query);
  const state = await stateOf(context, target, options);
  const { start = "" } = state;
  const from = start === "" ? 0 : state.objects.findIndex((each) => pageKey(target, each) >= start);
  const rest = (from === -1 ? [] : state.objects.slice(from)).filter(selects);
  const page = state.limit > 0 ? rest.slice(0, state.limit) : rest;
  return listAnswer(
    target,
    page,
    listMetadata(target, { ...state, left: rest.length - page.length, last: page.at(-1) }),
  );
}

interface PageEnd {
  readonly version: number;
  /** Objects that were not sent. */
  readonly left: number;
  readonly last: KubeObject | undefined;
}

function listMetadata(target: ResourceRequest, { version, left, last }: PageEnd): JsonObject {
  const { query } = target;
  const selected = (query.get("labelSelector") ?? "") + (query.get("fieldSelector") ?? "") !== "";
  const resourceVersion = String(version);
  if (left === 0 || last === undefined) return { resourceVersion };
  const token = encodeToken({ version, start: `${pageKey(target, last)}\u0000` });
  return { resourceVersion, continue: token, ...(selected ? {} : { remainingItemCount: left }) };
}

/** Where an object stands in the order of pages; within one namespace its name is enough. */
function pageKey({ namespace }: ResourceRequest, object: KubeObject): string {
  return namespace === "" && namespaceOf(object) !== "" ? `${namespaceOf(object)}/${nameOf(object)}` : nameOf(object);
}

/** The objects a list is made of. */
interface ListState {
  readonly objects: readonly KubeObject[];
  /** The version of the list. */
  readonly version: number;
  /** 0: none. */
  readonly limit: number;
  /** The first key that is sent; absent: all are. */
  readonly start?: string;
}

/** A real server answers from its store or from its watch cache; which one decides what it knows. */
function stateOf(context: ApiContext, target: ResourceRequest, options: ListOptions): ListState | Promise<ListState> {
  const { resourceVersion, continueToken, limit, match } = options;
  const version = versionNumber(resourceVersion);
  if (continueToken !== "") return continuedState(context, target, options);
  const paged = limit > 0 && resourceVersion !== "0";
  if (resourceVersion === "" || paged || match === "Exact") return storedState(context, target, options);
  return cachedState(context, target, version);
}

/** What the store holds, or held at a version. */
function storedState({ store }: ApiContext, target: ResourceRequest, options: ListOptions): ListState {
  const { kind, namespace } = target;
  const { resourceVersion, limit, match } = options;
  const version = versionNumber(resourceVersion);
  if (version === 0 || match === "NotOlderThan") {
    if (version > store.version) throw tooLarge(version, store.version);
    return { objects: store.list(kind, namespace), version: store.version, limit };
  }
  if (version > store.version) {
    throw new StatusError(500, "", "etcdserver: mvcc: required revision is a future revision");
  }
  const objects = store.listAt(kind, version, namespace);
  if (objects === undefined) {
    throw new StatusError(410, "Expired", "The resourceVersion for the provided list is too old.");
  }
  return { objects, version, limit };
}

/** What the watch cache of the kind holds: it knows no limit, and hears of the kind's own changes only. */
async function cachedState(context: ApiContext, target: ResourceRequest, version: number): Promise<ListState> {
  if (version > 0) await reach(context, target, version);
  const { kind, namespace } = target;
  return { objects: context.store.list(kind, namespace), version: context.store.newest(kind), limit: 0 };
}

function continuedState({ store }: ApiContext, target: ResourceRequest, options: ListOptions): ListState {
  const { resourceVersion, continueToken, limit } = options;
  if (resourceVersion !== "" && resourceVersion !== "0") {
    throw badRequest("specifying resource version is not allowed when using continue");
  }
  const { version, start } = decodeToken(continueToken);
  const { kind, namespace } = target;
  if (version < 0) return { objects: store.list(kind, namespace), version: store.version, limit, start };
  const objects = version > store.version ? undefined : store.listAt(kind, version, namespace);
  if (objects === undefined) throw new ExpiredToken({ version: -1, start });
  return { objects, version, limit, start };
}

/** 410 with a token that goes on with whatever is there now. */
class ExpiredToken extends StatusError {
  readonly #next: ContinueToken;

  constructor(next: ContinueToken) {
    super(410, "Expired", tokenTooOld);
    this.#next = next;
  }

  override toJson(): JsonObject {
    return { ...super.toJson(), metadata: { continue: encodeToken(this.#next) } };
  }
}

const tokenTooOld = "The provided continue parameter is too old to display a consistent list result. You can start a " +
  "new list without the continue parameter, or use the continue token in this response to retrieve the remainder of " +
  "the results. Continuing with the provided token results in an inconsistent list - objects that were created, " +
  "modified, or deleted between the time the first chunk was returned and now may show up in the list.";

/** Waits until a kind's cache has seen a version. @throws {StatusError} 504 when that takes too long */
async function reach(context: ApiContext, { kind, request }: ResourceRequest, version: number): Promise<void> {
  const { store, closing } = context;
  if (version <= store.newest(kind)) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop();
      for (const signal of [closing, request.signal]) signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, FRESH_WAIT_MS);
    const stop = store.subscribe((change) => {
      if (isOf(change.kind, kind) && change.version >= version) done();
    });
    for (const signal of [closing, request.signal]) signal.addEventListener("abort", done, { once: true });
  });
  if (version > store.newest(kind)) throw tooLarge(version, store.newest(kind));
}

function isOf(one: Kind, other: Kind): boolean {
  return resourceOf(one) === resourceOf(other);
}

function tooLarge(wanted: number, current: number): StatusError {
  return new StatusError(504, "Timeout", `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version", field: "" }],
    retryAfterSeconds: 1,
  });
}
