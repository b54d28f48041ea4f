// What a request is about, told from its line alone: authorisation and routing must see the same thing.

import { selectedName } from "../kube/selector.ts";
import { isTrue } from "../api/list-options.ts";

/** What a URL below `/api` or `/apis` speaks of. */
export interface ResourcePath {
  /** Empty: the core group. */
  readonly group: string;
  readonly version: string;
  /** Empty: none. For a namespace itself: its own name. */
  readonly namespace: string;
  readonly resource: string;
  /** Empty: the collection. For a list that a field selector narrows to one object: its name. */
  readonly name: string;
  readonly subresource: string;
  /** What follows the subresource. */
  readonly tail: readonly string[];
}

/** A request, as authorisation sees it. */
export interface RequestInfo {
  /** `get`, `list`, `watch`, `create`, …; of other paths: the method in lower case; empty: no verb at all. */
  readonly verb: string;
  readonly path: string;
  /** Undefined: the path is not that of a resource. */
  readonly resource: ResourcePath | undefined;
  readonly query: URLSearchParams;
}

const verbs: Readonly<Record<string, string>> = {
  DELETE: "delete",
  GET: "get",
  HEAD: "get",
  PATCH: "patch",
  POST: "create",
  PUT: "update",
};

/** Stand after a namespace's name without being a resource inside it. */
const namespaceSubresources = new Set(["finalize", "status"]);

/** Reads a request line. */
export function requestInfo(request: { readonly method: string; readonly url: string }): RequestInfo {
  const url = new URL(request.url);
  const path = decoded(url.pathname);
  const parts = splitPath(path);
  const found = groupVersionOf(parts);
  if (found === undefined) {
    return { verb: request.method.toLowerCase(), path, resource: undefined, query: url.searchParams };
  }
  const [watched, rest] = found.rest[0] === "watch" ? [true, found.rest.slice(1)] : [false, found.rest];
  const resource = { group: found.group, version: found.version, ...inNamespace(rest) };
  const verb = watched ? "watch" : verbs[request.method] ?? "";
  return { path, query: url.searchParams, ...ofCollection(verb, resource, url.searchParams) };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a broken escape names nothing that exists
  }
}

function splitPath(path: string): string[] {
  const trimmed = path.replace(/^\/+/, "").replace(/\/+$/, "");
  return trimmed === "" ? [] : trimmed.split("/");
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly rest: readonly string[];
}

function groupVersionOf([root, ...parts]: readonly string[]): GroupVersion | undefined {
  if (root === "api" && parts.length >= 2) {
    const [version = "", ...rest] = parts;
    return { group: "", version, rest };
  }
  if (root !== "apis" || parts.length < 3) return undefined;
  const [group = "", version = "", ...rest] = parts;
  return { group, version, rest };
}

function inNamespace(parts: readonly string[]): Omit<ResourcePath, "group" | "version"> {
  const [first = "", second = "", third] = parts;
  const named = first === "namespaces" && second !== "";
  const inside = named && third !== undefined && !namespaceSubresources.has(third);
  const [resource = "", name = "", subresource = "", ...tail] = inside ? parts.slice(2) : parts;
  return { namespace: named ? second : "", resource, name, subresource, tail };
}

function ofCollection(verb: string, resource: ResourcePath, query: URLSearchParams) {
  if (resource.name !== "" && verb !== "watch") return { verb, resource };
  if (verb === "delete") return { verb: "deletecollection", resource };
  if (verb !== "get" && verb !== "watch") return { verb, resource };
  const listed = verb === "watch" || isTrue(query.get("watch")) ? "watch" : "list";
  return { verb: listed, resource: { ...resource, name: resource.name || (selectedName(query) ?? "") } };
}
