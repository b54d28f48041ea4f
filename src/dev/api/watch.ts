// Watches: the present state, then every change as one JSON object per line, with bookmarks and a deadline.

import type { JsonObject } from "../json.ts";
import { apiVersionOf, type Kind, storedKind } from "../kube/kind.ts";
import { type Change, type ObjectStore, seenAs } from "../kube/object-store.ts";
import type { KubeObject } from "../kube/object.ts";
import { requestSelector, type Selector } from "../kube/selector.ts";
import { StatusError } from "../kube/status.ts";
import { toPartial, toTable } from "../table/table.ts";
import { representationOf } from "./accept.ts";
import { type ListOptions, listOptions, versionNumber } from "./list-options.ts";
import type { ResourceRequest } from "./resource-request.ts";
import { includeOf, inVersion } from "./respond.ts";

const DEFAULT_TIMEOUT_S = 1800; // a real server's --min-request-timeout
const BOOKMARK_MS = 60_000; // a real server's, about
const LAST_BOOKMARK_S = 2; // before the deadline
const SHORTEST_WITH_BOOKMARKS_S = 5; // a shorter watch ends without any
const MAX_LAG = 10_000; // lines a client may be behind before it is cut off and has to list again

const encoder = new TextEncoder();

/** What watches look at. */
export interface WatchHubOptions {
  readonly store: ObjectStore;
  /**
   * A version of the future: `silent`, as a real server, which waits for it; `expired`: its client is one of an earlier
   * run and had better list again.
   */
  readonly future: "silent" | "expired";
}

/** The open watches of an API, so that they can be ended together. */
export class WatchHub {
  readonly #options: WatchHubOptions;
  readonly #open = new Set<Watch>();

  constructor(options: WatchHubOptions) {
    this.#options = options;
  }

  /** Answers a watch request with a stream. @throws {StatusError} for options that make no sense */
  open(target: ResourceRequest): Response {
    const watch = new Watch(this.#options, target, (over) => this.#open.delete(over));
    if (!watch.over) this.#open.add(watch);
    const headers = { "content-type": "application/json", "cache-control": "no-cache, private" };
    return new Response(watch.stream, { headers });
  }

  /** Ends every watch in an orderly way. */
  close(): void {
    for (const watch of [...this.#open]) watch.end();
  }

  /** Ends the watches of a kind that is served no more. */
  closeKind(kind: Pick<Kind, "group" | "plural">): void {
    for (const watch of [...this.#open]) if (watch.isOf(kind)) watch.end();
  }
}

class Watch {
  readonly stream: ReadableStream<Uint8Array>;
  /** Nothing more is sent. */
  over = false;
  readonly #store: ObjectStore;
  readonly #future: WatchHubOptions["future"];
  readonly #kind: Kind;
  readonly #selects: Selector;
  readonly #render: (object: KubeObject) => JsonObject;
  readonly #ended: (watch: Watch) => void;
  readonly #after: number;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined = undefined;
  #unsubscribe: (() => void) | undefined = undefined;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor({ store, future }: WatchHubOptions, target: ResourceRequest, ended: (watch: Watch) => void) {
    const { kind, query, namespace, request } = target;
    this.#store = store;
    this.#future = future;
    this.#kind = kind;
    this.#selects = requestSelector(kind, namespace, query);
    this.#render = renderer(target);
    this.#ended = ended;
    const options = listOptions(query);
    this.#after = versionNumber(options.resourceVersion);
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
        this.#begin(options);
      },
      cancel: () => this.#cleanUp(),
    });
    request.signal.addEventListener("abort", () => this.end(), { once: true });
  }

  /** Whether objects of a kind are watched, in whatever version. */
  isOf({ group, plural }: Pick<Kind, "group" | "plural">): boolean {
    const own = storedKind(this.#kind);
    return own.group === group && own.plural === plural;
  }

  /** Ends the stream. */
  end(): void {
    const controller = this.#controller;
    this.#cleanUp();
    controller?.close();
  }

  /** `sendInitialEvents` is not known to the version this API is like; clients fall back to a list. */
  #begin({ bookmarks, timeout }: ListOptions): void {
    const seconds = timeout || DEFAULT_TIMEOUT_S;
    this.#later(seconds * 1000, () => this.end());
    if (this.#after === 0) this.#sendState();
    else if (!this.#sendHistory()) return;
    this.#unsubscribe = this.#store.subscribe((change) => this.#change(change));
    if (bookmarks) this.#scheduleBookmarks(seconds);
  }

  #sendState(): void {
    for (const object of this.#store.list(this.#kind)) if (this.#selects(object)) this.#send("ADDED", object);
  }

  /** @returns false when the history does not reach back that far; the stream has ended then */
  #sendHistory(): boolean {
    const isFuture = this.#after > this.#store.version;
    if (isFuture && this.#future === "silent") return true;
    const changes = isFuture ? undefined : this.#store.since(this.#kind, this.#after);
    for (const change of changes ?? []) this.#change(change);
    if (changes !== undefined) return true;
    const message = `too old resource version: ${this.#after} (${this.#store.oldest(this.#kind)})`;
    this.#write({ type: "ERROR", object: new StatusError(410, "Expired", message).toJson() });
    this.end();
    return false;
  }

  /** With a selector, coming into it is ADDED and leaving it DELETED, with the last state that matched. */
  #change({ kind, type, object, previous, version }: Change): void {
    if (!this.isOf(kind) || version <= this.#after) return;
    const before = previous !== undefined && this.#selects(previous);
    const now = type !== "DELETED" && this.#selects(object);
    if (now) this.#send(before ? "MODIFIED" : "ADDED", seenAs(this.#kind, object));
    else if (before) this.#send("DELETED", seenAs(this.#kind, atVersion(previous, version)));
  }

  #scheduleBookmarks(timeout: number): void {
    const repeat = () => {
      this.#bookmark();
      this.#later(BOOKMARK_MS, repeat);
    };
    this.#later(BOOKMARK_MS, repeat);
    if (timeout < SHORTEST_WITH_BOOKMARKS_S) return;
    this.#later((timeout - LAST_BOOKMARK_S) * 1000, () => this.#bookmark());
  }

  /** Tells how far the watch is; not while it waits for the future. */
  #bookmark(): void {
    const newest = this.#store.newest(this.#kind);
    if (this.#after > this.#store.version) return;
    const metadata = {
      resourceVersion: String(Math.max(this.#after, newest)),
      ...(this.#kind.custom ? {} : { creationTimestamp: null }),
    };
    this.#write({
      type: "BOOKMARK",
      object: { kind: this.#kind.kind, apiVersion: apiVersionOf(this.#kind), metadata },
    });
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
  if (shape === "object") return (object) => inVersion(kind, object);
  if (shape === "partial") return toPartial;
  let definitions = true;
  return (object) => {
    const metadata = { resourceVersion: object.metadata.resourceVersion };
    const table = toTable([inVersion(kind, object)], { kind, include: includeOf(query), metadata, definitions });
    definitions = false;
    return table;
  };
}
