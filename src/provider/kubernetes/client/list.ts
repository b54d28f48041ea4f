// LIST: a whole collection, page by page, or nothing.

import { isRecord, type KubeObject, toKubeObject } from "../store/object.ts";
import { failureOf, type KubeAnswer, type KubeClient } from "./kube-client.ts";
import { KubeError } from "./kube-error.ts";
import { collectionPath, kindNames, qualifiedPlural, type Resource } from "./resource.ts";

const PAGE = 500; // objects; what client-go and kubectl ask for
const PAGE_LIMIT = 10_000; // five million objects: beyond that the server's continue token leads in circles

/** Which objects to list and watch. */
export interface Selection {
  readonly resource: Resource;
  /** Absent: all namespaces. */
  readonly namespace: string | undefined;
  /** Empty: all. */
  readonly labelSelector: string;
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
    return await listPages(client, selection, options);
  } catch (thrown) {
    if (!(thrown instanceof KubeError) || thrown.failure !== "expired") throw thrown;
    return await listPages(client, selection, options);
  }
}

async function listPages(client: KubeClient, selection: Selection, options: ListOptions): Promise<KubeList> {
  const objects: KubeObject[] = [];
  let token = "";
  for (let pages = 0; pages < PAGE_LIMIT; pages++) {
    const page = await listPage(client, selection, options, token);
    for (const object of page.objects) objects.push(object);
    if (page.next === "") return { objects, resourceVersion: page.resourceVersion };
    if (page.next === token) break;
    token = page.next;
  }
  throw bad(selection, "the continue token leads in circles");
}

async function listPage(
  client: KubeClient,
  selection: Selection,
  options: ListOptions,
  token: string,
): Promise<Page> {
  const query = new URLSearchParams({ limit: String(PAGE) });
  if (selection.labelSelector !== "") query.set("labelSelector", selection.labelSelector);
  if (token !== "") query.set("continue", token);
  const path = `${collectionPath(selection.resource, selection.namespace)}?${query}`;
  const answer = await client.get({ path, what: describe(selection), ...options });
  return toPage(await readText(answer, selection), selection);
}

async function readText({ response, guarded }: KubeAnswer, selection: Selection): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
      guarded.progress();
      text += decoder.decode(part.value, { stream: true });
    }
    return text + decoder.decode();
  } catch (thrown) {
    throw failureOf(thrown, guarded.signal, describe(selection));
  } finally {
    guarded.release();
  }
}

function toPage(text: string, selection: Selection): Page {
  const names = kindNames(selection.resource);
  const value = parse(text, selection);
  if (value["kind"] !== `${names.kind}List` || value["apiVersion"] !== names.apiVersion) {
    throw bad(selection, `wanted a ${names.kind}List of ${names.apiVersion}, got ${JSON.stringify(value["kind"])}`);
  }
  const { metadata, items } = value;
  if (!isRecord(metadata) || typeof metadata["resourceVersion"] !== "string" || metadata["resourceVersion"] === "") {
    throw bad(selection, "the list has no resourceVersion");
  }
  // Go writes an empty list as null in some places; anything else that is no array is no list.
  if (items !== null && !Array.isArray(items)) throw bad(selection, "the list has no items");
  const objects = (items ?? []).map((item: unknown) => {
    const object = toKubeObject(item, names);
    if (object === undefined) throw bad(selection, `an item is not a ${names.kind} with a name`);
    return object;
  });
  const next = metadata["continue"];
  return { objects, resourceVersion: metadata["resourceVersion"], next: typeof next === "string" ? next : "" };
}

function parse(text: string, selection: Selection): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new KubeError(`${describe(selection)}: the answer is not JSON (${text.length} characters)`, {
      failure: "bad-answer",
      cause,
    });
  }
  if (isRecord(value)) return value;
  throw bad(selection, "the answer is not a JSON object");
}

function bad(selection: Selection, what: string): KubeError {
  return new KubeError(`${describe(selection)}: ${what}`, { failure: "bad-answer" });
}

/** `list ingressroutes.traefik.io`. */
export function describe({ resource, namespace }: Selection, verb: "list" | "watch" = "list"): string {
  return `${verb} ${qualifiedPlural(resource)}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
}
