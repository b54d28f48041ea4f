// Watches: the present state, then every change as one JSON object per line, with bookmarks and a deadline.

import type { JsonObject } from "../json.ts";
import { apiVersionOf, type Kind } from "../kube/kind.ts";
import type { Change, ObjectStore } from "../kube/object-store.ts";
import type { KubeObject } from "../kube/object.ts";
import { requestSelector, type Selector } from "../kube/selector.ts";
import { StatusError } from "../kube/status.ts";
import { toPartial, toTable } from "../table/table.ts";
import { representationOf } from "./accept.ts";
import { integerOf, versionOf } from "./read.ts";
import type { ResourceRequest } from "./resource-request.ts";
import { includeOf } from "./respond.ts";

const DEFAULT_TIMEOUT_S = 1800; // a real server's --min-request-timeout
const BOOKMARK_MS = 60_000; // a real server's, about
const LAST_BOOKMARK_S = 2; // before the deadline
const MAX_LAG = 10_000; // lines a client may be behind before it is cut off and has to list again

const encoder = new TextEncoder();

/** The open watches of an API, so that they can be ended together. */
export class WatchHub {
  readonly #store: ObjectStore;
  readonly #open = new Set<Watch>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** Answers a watch request with a stream. */
  open(target: ResourceRequest): Response {
    const watch = new Watch(this.#store, target, (over) => this.#open.delete(over));
    if (!watch.over) this.#open.add(watch);
    const headers = { "content-type": "application/json", "cache-control": "no-cache, private" };
    return new Response(watch.stream, { headers });
  }

  /** Ends every watch in an orderly way. */
  close(): void {
    for (const watch of [...this.#open]) watch.end();
  }
}

class Watch {
  readonly stream: ReadableStream<Uint8Array>;
  /** Nothing more is sent. */
  over = false;
  readonly #store: ObjectStore;
  readonly #kind: Kind;
  readonly #selects: Selector;
  readonly #render: (object: KubeObject) => JsonObject;
  readonly #ended: (watch: Watch) => void;
  readonly #after: number;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined = undefined;
  #unsubscribe: (() => void) | undefined = undefined;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(store: ObjectStore, target: ResourceRequest, ended: (watch: Watch) => void) {
    const { kind, query, namespace, request } = target;
    const version = versionOf(query);
    const timeout = integerOf(query, "timeoutSeconds") || DEFAULT_TIMEOUT_S;
    this.#store = store;
    this.#kind = kind;
    this.#selects = requestSelector(namespace, query);
    this.#render = renderer(target);
    this.#ended = ended;
    this.#after = version === "" || version === "0" ? 0 : Number(version);
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
        this.#begin(query, timeout);
      },
      cancel: () => this.#cleanUp(),
    });
    request.signal.addEventListener("abort", () => this.end(), { once: true });
  }

  /** Ends the stream. */
  end(): void {
    const controller = this.#controller;
    this.#cleanUp();
    controller?.close();
  }

  #begin(query: URLSearchParams, timeout: number): void {
    const bookmarks = query.get("allowWatchBookmarks") === "true";
    const initial = query.get("sendInitialEvents") === "true";
    this.#later(timeout * 1000, () => this.end());
    if (this.#after === 0 || initial) this.#sendState();
    else if (!this.#sendHistory()) return;
    if (initial && bookmarks) this.#bookmark({ "k8s.io/initial-events-end": "true" });
    this.#unsubscribe = this.#store.subscribe((change) => this.#change(change));
    if (bookmarks) this.#scheduleBookmarks(timeout);
  }

  #sendState(): void {
    for (const object of this.#store.list(this.#kind)) if (this.#selects(object)) this.#send("ADDED", object);
  }

  /** @returns false when the history does not reach back that far; the stream has ended then */
  #sendHistory(): boolean {
    // A real server keeps a watch from a version it never gave silent for ever; here it is a client of another run.
    const isForeign = this.#after > this.#store.version;
    const changes = isForeign ? undefined : this.#store.since(this.#kind, this.#after);
    for (const change of changes ?? []) this.#change(change);
    if (changes !== undefined) return true;
    const message = `too old resource version: ${this.#after} (${this.#store.version})`;
    this.#write({ type: "ERROR", object: new StatusError(410, "Expired", message).toJson() });
    this.end();
    return false;
  }

  /** With a selector, coming into it is ADDED and leaving it DELETED, with the last state that matched. */
  #change({ kind, type, object, previous, version }: Change): void {
    if (kind.plural !== this.#kind.plural || kind.group !== this.#kind.group || version <= this.#after) return;
    const before = previous !== undefined && this.#selects(previous);
    const now = type !== "DELETED" && this.#selects(object);
    if (now) this.#send(before ? "MODIFIED" : "ADDED", object);
    else if (before) this.#send("DELETED", atVersion(previous, version));
  }

  #scheduleBookmarks(timeout: number): void {
    const repeat = () => {
      this.#bookmark();
      this.#later(BOOKMARK_MS, repeat);
    };
    this.#later(BOOKMARK_MS, repeat);
    const last = timeout - LAST_BOOKMARK_S;
    if (last > LAST_BOOKMARK_S) this.#later(last * 1000, () => this.#bookmark());
  }

  #bookmark(annotations?: Readonly<Record<string, string>>): void {
    const resourceVersion = String(Math.max(this.#after, this.#store.newest(this.#kind)));
    const metadata = {
      resourceVersion,
      ...(this.#kind.custom ? {} : { creationTimestamp: null }),
      ...(annotations === undefined ? {} : { annotations }),
    };
    const object = { kind: this.#kind.kind, apiVersion: apiVersionOf(this.#kind), metadata };
    this.#write({ type: "BOOKMARK", object });
  }

  #send(type: string, object: KubeObject): void {
    this.#write({ type, object: this.#render(object) });
  }

  #write(event: JsonObject): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    controller.enqueue(encoder.encode(`${JSON.stringify(event)}\n`));
    if ((controller.desiredSize ?? 0) < -MAX_LAG) this.end();
  }

  #cleanUp(): void {
    this.#controller = undefined;
    this.#unsubscribe?.();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.over = true;
    this.#ended(this);
  }

  #later(milliseconds: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, milliseconds);
    this.#timers.add(timer);
  }
}

function atVersion(object: KubeObject, version: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}

/** How objects of a watch look; a table names its columns in the first event only. */
function renderer({ kind, query, request }: ResourceRequest): (object: KubeObject) => JsonObject {
  const { shape, format } = representationOf(request.headers.get("accept"));
  if (format === "yaml") {
    const accepted = "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch";
    throw new StatusError(406, "NotAcceptable", `only the following media types are accepted: ${accepted}`);
  }
  if (shape === "object") return (object) => object;
  if (shape === "partial") return toPartial;
  let definitions = true;
  return (object) => {
    const metadata = { resourceVersion: object.metadata.resourceVersion };
    const table = toTable([object], { kind, include: includeOf(query), metadata, definitions });
    definitions = false;
    return table;
  };
}
