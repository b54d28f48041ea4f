// GET: one object, or a list with selectors and pages.

import type { ObjectStore } from "../kube/object-store.ts";
import { type KubeObject, nameOf, namespaceOf } from "../kube/object.ts";
import { requestSelector } from "../kube/selector.ts";
import { badRequest, notFound, StatusError } from "../kube/status.ts";
import { textAt } from "../json.ts";
import type { ApiContext } from "./context.ts";
import type { ResourceRequest } from "./resource-request.ts";
import { listAnswer, objectAnswer } from "./respond.ts";

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
export function readOne({ store, isPlaceholder }: ApiContext, target: ResourceRequest): Response {
  const object = existing(store, target);
  const applies = target.request.headers.get("kubectl-command") === "kubectl apply";
  if (applies && isPlaceholder(object)) throw notFound(target.kind, object.metadata.name);
  return objectAnswer(target, object);
}

/** The selected objects of a collection, by namespace and name. */
export function selectObjects(store: ObjectStore, { kind, namespace, query }: ResourceRequest): KubeObject[] {
  return store.list(kind, namespace).filter(requestSelector(namespace, query));
}

/** GET of a collection. */
export function readList(store: ObjectStore, target: ResourceRequest): Response {
  const { query } = target;
  const objects = selectObjects(store, target);
  const version = versionOf(query);
  const limit = version === "0" ? 0 : integerOf(query, "limit");
  const start = continueStart(query.get("continue"));
  const from = start === undefined ? 0 : objects.findIndex((object) => pageKey(object) >= start);
  const rest = from === -1 ? [] : objects.slice(from);
  const page = limit > 0 ? rest.slice(0, limit) : rest;
  const last = page.at(-1);
  const left = rest.length - page.length;
  const selected = (query.get("labelSelector") ?? "") + (query.get("fieldSelector") ?? "") !== "";
  return listAnswer(target, page, {
    resourceVersion: String(store.version),
    ...(left > 0 && last !== undefined ? { continue: continueToken(store.version, last) } : {}),
    ...(left > 0 && !selected ? { remainingItemCount: left } : {}),
  });
}

/** The resourceVersion a request asks for; empty when it names none. @throws {StatusError} 500, as a real server */
export function versionOf(query: URLSearchParams): string {
  const version = query.get("resourceVersion") ?? "";
  if (!/^\d*$/.test(version)) {
    throw new StatusError(
      500,
      "",
      `resourceVersion: Invalid value: "${version}": strconv.ParseUint: parsing "${version}": invalid syntax`,
    );
  }
  return version;
}

/** An integer option; 0 when absent. @throws {StatusError} 400 */
export function integerOf(query: URLSearchParams, option: string): number {
  const text = query.get(option) ?? "";
  if (text === "") return 0;
  if (!/^[-+]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return Number(text);
}

/** Where an object stands in the order of pages; a token names the first key after the last one sent. */
function pageKey(object: KubeObject): string {
  return `${namespaceOf(object)}/${nameOf(object)}`;
}

function continueToken(version: number, last: KubeObject): string {
  const token = JSON.stringify({ v: "meta.k8s.io/v1", rv: version, start: `${pageKey(last)}\u0000` });
  return btoa(String.fromCharCode(...new TextEncoder().encode(token)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function continueStart(token: string | null): string | undefined {
  if (token === null || token === "") return undefined;
  try {
    const bytes = Uint8Array.from(atob(token.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    const start = textAt(JSON.parse(new TextDecoder().decode(bytes)), "start");
    if (start !== undefined) return start;
  } catch {
    // answered below, like a token of the wrong shape
  }
  throw badRequest("continue key is not valid: invalid continue token");
}
