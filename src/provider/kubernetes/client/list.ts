// LIST: a whole collection, page by page, or nothing.

import { isRecord, type KindNames, type KubeObject, toKubeObject } from "../store/object.ts";
import { type KubeClient, type KubeJson, parseJson, readText } from "./kube-client.ts";
import { KubeError } from "./kube-error.ts";
import { collectionPath, kindNames, qualifiedPlural, type Resource } from "./resource.ts";

const PAGE = 500; // objects; what client-go and kubectl ask for
const SMALL_PAGE = 20; // of objects so large that an ordinary page is more than one text can hold
const PAGE_LIMIT = 10_000; // five million objects: beyond that the server's continue token leads in circles

/** Which objects to list and watch. */
export interface Selection {
  readonly resource: Resource;
  /** Absent: all namespaces. */
  readonly namespace: string | undefined;
  /** Empty: all. */
  readonly labelSelector: string;
  /** Only the object of this name. */
  readonly name?: string;
  /** Of what the server sends, only objects of which this is true are kept. */
  readonly keep?: (namespace: string, name: string) => boolean;
}

/** A complete list, and the version to watch from. */
export interface KubeList {
  readonly objects: readonly KubeObject[];
  readonly resourceVersion: string;
}

/** How a list is made. */
export interface ListOptions {
  readonly signal: AbortSignal;
  readonly patienceMs: number;
  /** Another request is about to be sent, for the next page. */
  readonly again: () => void;
}

interface Page extends KubeList {
  /** Empty: this was the last one. */
  readonly next: string;
}

/**
 * Lists everything. A continue token that expired on the way means starting over.
 * @throws {KubeError} also when any page is not what a list of this kind looks like; half a list is never returned
 */
export async function list(client: KubeClient, selection: Selection, options: ListOptions): Promise<KubeList> {
  try {
    return await listPages(client, selection, options, PAGE);
  } catch (thrown) {
    if (!(thrown instanceof KubeError)) throw thrown;
    const isTooLarge = thrown.reason === "TooLarge";
    if (!isTooLarge && thrown.failure !== "expired") throw thrown;
    options.again();
    return await listPages(client, selection, options, isTooLarge ? SMALL_PAGE : PAGE);
  }
}

/**
 * Lists one object at most, to see whether the server still gives lists.
 * @returns the version of the collection
 * @throws {KubeError}
 */
export async function listVersion(client: KubeClient, selection: Selection, signal: AbortSignal): Promise<string> {
  const what = describe(selection);
  const answer = await client.open({ path: listPath(selection, 1, ""), what, signal });
  return toPage(parseJson(await readText(answer, what), what), selection).resourceVersion;
}

async function listPages(
  client: KubeClient,
  selection: Selection,
  options: ListOptions,
  limit: number,
): Promise<KubeList> {
  const objects: KubeObject[] = [];
  let token = "";
  for (let pages = 0; pages < PAGE_LIMIT; pages++) {
    if (pages > 0) options.again();
    const { signal, patienceMs } = options;
    const path = listPath(selection, limit, token);
    const what = describe(selection);
    const answer = await client.open({ path, what, signal, patienceMs });
    // Page by page, so that never more than one page's text is held.
    const page = toPage(parseJson(await readText(answer, what), what), selection);
    for (const object of page.objects) objects.push(object);
    if (page.next === "") return { objects, resourceVersion: page.resourceVersion };
    if (page.next === token) break;
    token = page.next;
  }
  throw bad(selection, "the continue token leads in circles");
}

function listPath(selection: Selection, limit: number, token: string): string {
  const query = new URLSearchParams({ limit: String(limit) });
  select(query, selection);
  if (token !== "") query.set("continue", token);
  return `${collectionPath(selection.resource, selection.namespace)}?${query}`;
}

/** Adds the selectors to a query. */
export function select(query: URLSearchParams, { labelSelector, name }: Selection): void {
  if (labelSelector !== "") query.set("labelSelector", labelSelector);
  if (name !== undefined) query.set("fieldSelector", `metadata.name=${name}`);
}

function toPage(value: KubeJson, selection: Selection): Page {
  const names = kindNames(selection.resource);
  if (value["kind"] !== `${names.kind}List` || value["apiVersion"] !== names.apiVersion) {
    throw bad(selection, `wanted a ${names.kind}List of ${names.apiVersion}, got ${JSON.stringify(value["kind"])}`);
  }
  const metadata = isRecord(value["metadata"]) ? value["metadata"] : {};
  const { resourceVersion, continue: next } = metadata;
  if (typeof resourceVersion !== "string" || resourceVersion === "") {
    throw bad(selection, "the list has no resourceVersion");
  }
  const objects = toObjects(value["items"], names, selection);
  return { objects, resourceVersion, next: typeof next === "string" ? next : "" };
}

function toObjects(items: unknown, names: KindNames, selection: Selection): KubeObject[] {
  if (items === null) return []; // Go writes an empty list so in some places
  if (!Array.isArray(items)) throw bad(selection, "the list has no items");
  const objects: KubeObject[] = [];
  for (const item of items) {
    const object = toKubeObject(item, names);
    if (object === undefined) throw bad(selection, `an item is not a ${names.kind} with a name`);
    if (isKept(selection, object)) objects.push(object);
  }
  return objects;
}

function bad(selection: Selection, what: string): KubeError {
  return new KubeError(`${describe(selection)}: ${what}`, { failure: "bad-answer" });
}

/** Whether an object that the server sent is wanted. */
export function isKept({ keep, name }: Selection, { metadata }: KubeObject): boolean {
  if (name !== undefined && metadata.name !== name) return false;
  return keep === undefined || keep(metadata.namespace, metadata.name);
}

/** `list ingressroutes.traefik.io in namespace web`. */
export function describe({ resource, namespace, name }: Selection, verb: "list" | "watch" = "list"): string {
  const what = `${verb} ${qualifiedPlural(resource)}${name === undefined ? "" : ` named ${name}`}`;
  return `${what}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
}
