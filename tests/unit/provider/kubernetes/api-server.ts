// A small scripted Kubernetes API server: list with pages, watch with history and bookmarks, and faults on demand.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import {
  collectionPath,
  kindNames,
  type Resource,
  resourceId,
} from "../../../../src/provider/kubernetes/client/resource.ts";
import { allResources } from "./objects.ts";

/** A request as the server saw it. */
export interface SeenRequest {
  readonly id: string;
  readonly watch: boolean;
  readonly query: URLSearchParams;
  readonly authorization: string;
}

/** Answers a request instead of the server. @returns false: the server answers as usual */
export type Fault = (request: SeenRequest, response: ServerResponse) => boolean;

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly [field: string]: unknown;
}

/** An object to put into the server. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

interface Event {
  readonly id: string;
  readonly version: number;
  readonly line: string;
}

interface OpenWatch {
  readonly id: string;
  readonly response: ServerResponse;
}

export class ApiServer {
  /** What was asked, `/version` probes left out. */
  readonly seen: SeenRequest[] = [];
  probes = 0;
  fault: Fault | undefined;
  /** At most this many objects in a page, whatever the limit says. */
  pageSize = 500;
  /** Versions up to this one are forgotten: a watch from before gets an ERROR event. */
  forgotten = 0;
  #version = 100;
  readonly #objects = new Map<string, Map<string, Manifest>>();
  readonly #events: Event[] = [];
  readonly #watches = new Set<OpenWatch>();
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<() => void>();
  #server: Server | undefined;
  #port = 0;

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get version(): number {
    return this.#version;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** Listens; after a {@link close} on the same port again. */
  listen(): Promise<void> {
    const server = createServer((request, response) => this.#serve(request, response));
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.on("error", reject);
      server.listen(this.#port, "127.0.0.1", () => {
        this.#port = addressOf(server).port;
        resolve();
      });
    });
  }

  /** Stops and cuts all connections. */
  close(): Promise<void> {
    this.cutAll();
    return new Promise((resolve) => this.#server?.close(() => resolve()));
  }

  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#watches.clear();
  }

  /** Adds or replaces an object and tells the watches. */
  apply(...manifests: readonly Manifest[]): void {
    for (const manifest of manifests) {
      const id = idOf(manifest);
      const objects = this.#kind(id);
      const metadata = { namespace: "default", ...manifest.metadata, resourceVersion: String(++this.#version) };
      const object = { ...manifest, metadata };
      const key = `${metadata.namespace}/${metadata.name}`;
      this.#emit(id, objects.has(key) ? "MODIFIED" : "ADDED", object);
      objects.set(key, object);
    }
  }

  remove(manifest: Manifest): void {
    const id = idOf(manifest);
    const key = `${manifest.metadata.namespace ?? "default"}/${manifest.metadata.name}`;
    const object = this.#kind(id).get(key);
    if (object === undefined) return;
    this.#kind(id).delete(key);
    const metadata = { ...object.metadata, resourceVersion: String(++this.#version) };
    this.#emit(id, "DELETED", { ...object, metadata });
  }

  /** Changes what lists say without telling any watch. */
  removeSilently(manifest: Manifest): void {
    this.#version++;
    this.#kind(idOf(manifest)).delete(`${manifest.metadata.namespace ?? "default"}/${manifest.metadata.name}`);
  }

  /** The server was restored from an old backup. */
  rewind(version: number): void {
    this.#version = version;
  }

  /** A bookmark for each open watch. */
  bookmark(): void {
    for (const { id, response } of this.#watches) response.write(bookmarkLine(id, this.#version));
  }

  /** Raw bytes into the open watches of a kind. */
  write(id: string, bytes: string | Uint8Array): void {
    for (const watch of this.#watches) if (watch.id === id) watch.response.write(bytes);
  }

  /** Ends the open watches, as their timeout does. */
  endWatches(id?: string): void {
    for (const watch of [...this.#watches]) {
      if (id !== undefined && watch.id !== id) continue;
      this.#watches.delete(watch);
      watch.response.end();
    }
  }

  /** Resolves once the condition holds; looked at after every request. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  #kind(id: string): Map<string, Manifest> {
    let objects = this.#objects.get(id);
    if (objects === undefined) this.#objects.set(id, objects = new Map());
    return objects;
  }

  #emit(id: string, type: string, object: Manifest): void {
    const line = `${JSON.stringify({ type, object })}\n`;
    this.#events.push({ id, version: this.#version, line });
    this.write(id, line);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    response.on("error", () => {}); // the client may go at any time
    response.on("close", () => {
      for (const watch of this.#watches) if (watch.response === response) this.#watches.delete(watch);
    });
    const url = new URL(request.url ?? "/", "http://api");
    const resource = allResources.find((each) => matches(each, url.pathname));
    const seen = {
      id: resource === undefined ? url.pathname : resourceId(resource),
      watch: url.searchParams.get("watch") === "true",
      query: url.searchParams,
      authorization: request.headers.authorization ?? "",
    };
    if (url.pathname === "/version") this.probes++;
    else this.seen.push(seen);
    if (!(this.fault?.(seen, response) ?? false)) this.#answer(resource, seen, response);
    for (const look of [...this.#waiting]) look();
  }

  #answer(resource: Resource | undefined, seen: SeenRequest, response: ServerResponse): void {
    if (seen.id === "/version") return json(response, 200, { major: "1", minor: "30" });
    if (resource === undefined) return plain(response, 404, "404 page not found\n");
    if (seen.watch) return this.#watch(seen, response);
    this.#list(resource, seen, response);
  }

  #list(resource: Resource, { query }: SeenRequest, response: ServerResponse): void {
    const { apiVersion, kind } = kindNames(resource);
    const from = Number(query.get("continue") ?? "0");
    const size = Math.min(this.pageSize, Number(query.get("limit") ?? "500"));
    const all = [...this.#kind(resourceId(resource)).values()];
    const next = from + size < all.length ? String(from + size) : "";
    // As a real server: items of built-in lists carry neither kind nor apiVersion.
    const items = all.slice(from, from + size).map(({ apiVersion: version, kind: name, ...rest }) =>
      resource.group.includes("traefik") ? { apiVersion: version, kind: name, ...rest } : rest
    );
    const metadata = { resourceVersion: String(this.#version), ...(next !== "" && { continue: next }) };
    json(response, 200, { kind: `${kind}List`, apiVersion, metadata, items });
  }

  #watch({ id, query }: SeenRequest, response: ServerResponse): void {
    const from = Number(query.get("resourceVersion"));
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    if (from < this.forgotten) return void response.end(errorLine(410, `too old resource version: ${from}`));
    this.#watches.add({ id, response });
    for (const event of this.#events) if (event.id === id && event.version > from) response.write(event.line);
  }
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** Answers with text. */
export function plain(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "text/plain", ...headers });
  response.end(text);
}

/** A failure Status as the API server writes it. */
export function status(response: ServerResponse, code: number, message: string): void {
  json(response, code, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, code });
}

/** An ERROR event. */
export function errorLine(code: number, message: string): string {
  return `${JSON.stringify({ type: "ERROR", object: { kind: "Status", apiVersion: "v1", message, code } })}\n`;
}

function bookmarkLine(id: string, version: number): string {
  const resource = allResources.find((each) => resourceId(each) === id);
  const names = resource === undefined ? {} : kindNames(resource);
  const object = { ...names, metadata: { resourceVersion: String(version), creationTimestamp: null } };
  return `${JSON.stringify({ type: "BOOKMARK", object })}\n`;
}

function idOf({ apiVersion, kind }: Manifest): string {
  return `${apiVersion.includes("/") ? apiVersion.split("/")[0] : ""}/${kind}`;
}

function matches(resource: Resource, path: string): boolean {
  const [base, plural] = [collectionPath(resource, "\u0000"), resource.plural];
  const prefix = base.slice(0, base.indexOf("/namespaces/"));
  return path === `${prefix}/${plural}` || (path.startsWith(`${prefix}/namespaces/`) && path.endsWith(`/${plural}`));
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the test server has no port");
  return address;
}
