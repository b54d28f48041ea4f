// A small Kubernetes API for tests of the client: any kinds, discovery in both forms, selectors of fields, faults.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A request as the server saw it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly at: number;
}

/** An object with its place. */
export interface Stored {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** Answers a request instead of the server. @returns false: the server answers as usual */
export type Fault = (asked: Asked, response: ServerResponse) => boolean;

interface OpenWatch {
  readonly key: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly response: ServerResponse;
}

const PATH = /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)$/;

/** Serves kinds by `group/version/plural`. */
export class KubeServer {
  readonly asked: Asked[] = [];
  fault: Fault | undefined;
  /** `none`: 404, as if there were no discovery. */
  discovery: "plain" | "aggregated" | "none" = "plain";
  pageSize = 500;
  version = 100;
  /** `group/version/plural` → kind */
  readonly kinds: Map<string, string>;
  readonly #objects = new Map<string, Stored>();
  readonly #events: { readonly key: string; readonly version: number; readonly line: string }[] = [];
  readonly #watches = new Set<OpenWatch>();
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<() => void>();
  #server: Server | undefined;
  #port = 0;

  constructor(kinds: Readonly<Record<string, string>>) {
    this.kinds = new Map(Object.entries(kinds));
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** Listens; after a {@link close} on the same port again. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => void this.#serve(request, response));
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#server = server;
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#port = (server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.#server?.close(() => resolve()));
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#watches.clear();
  }

  /** Ends every watch, as a server that stops in good order. */
  endWatches(): void {
    for (const { response } of this.#watches) response.end();
    this.#watches.clear();
  }

  apply(...objects: readonly Stored[]): void {
    for (const object of objects) {
      const metadata = { ...object.metadata, resourceVersion: String(++this.version) };
      const stored = { ...object, metadata };
      const key = this.#keyOf(object);
      this.#emit(key, this.#objects.has(key) ? "MODIFIED" : "ADDED", stored);
      this.#objects.set(key, stored);
    }
  }

  remove(object: Stored): void {
    const key = this.#keyOf(object);
    const stored = this.#objects.get(key);
    if (stored === undefined) return;
    this.#objects.delete(key);
    const metadata = { ...stored.metadata, resourceVersion: String(++this.version) };
    this.#emit(key, "DELETED", { ...stored, metadata });
  }

  /** What was asked of a path, or of all that fit. */
  asks(fits: string | RegExp, isWatch?: boolean): Asked[] {
    return this.asked.filter(({ path, query }) => {
      if (isWatch !== undefined && query.has("watch") !== isWatch) return false;
      return typeof fits === "string" ? path === fits : fits.test(path);
    });
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

  #keyOf({ apiVersion, kind, metadata }: Stored): string {
    const found = [...this.kinds].find(([key, name]) => name === kind && key.startsWith(`${slashed(apiVersion)}/`));
    if (found === undefined) throw new Error(`no such kind: ${apiVersion} ${kind}`);
    return `${found[0]} ${metadata.namespace ?? ""} ${metadata.name}`;
  }

  #emit(key: string, type: string, object: Stored): void {
    const line = `${JSON.stringify({ type, object })}\n`;
    this.#events.push({ key, version: this.version, line });
    for (const watch of this.#watches) if (isWatched(watch, key)) watch.response.write(line);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on("error", () => {});
    const at = performance.now();
    let body = "";
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url ?? "/", "http://api");
    const { method = "GET", headers } = request;
    const asked: Asked = { method, path: url.pathname, query: url.searchParams, headers, body, at };
    this.asked.push(asked);
    if (!(this.fault?.(asked, response) ?? false)) this.#answer(asked, response);
    for (const look of [...this.#waiting]) look();
  }

  #answer(asked: Asked, response: ServerResponse): void {
    const { path } = asked;
    if (path === "/version") return json(response, 200, { major: "1", minor: "30" });
    if (path === "/apis" || /^\/apis\/[^/]+\/[^/]+$/.test(path)) return this.#discover(asked, response);
    const [, group = "", version = "", namespace, plural = ""] = PATH.exec(path) ?? [];
    const key = `${group}/${version}/${plural}`;
    const kind = this.kinds.get(key);
    if (kind === undefined) {
      return failure(response, 404, { message: "the server could not find the requested resource" });
    }
    if (asked.query.get("watch") === "true") return this.#watch(asked, key, namespace, response);
    const apiVersion = group === "" ? version : `${group}/${version}`;
    const name = nameIn(asked.query);
    const all = [...this.#objects].filter(([each]) => {
      const [ofKind, ofNamespace, ofName] = each.split(" ");
      if (ofKind !== key || (namespace !== undefined && ofNamespace !== namespace)) return false;
      return name === undefined || ofName === name;
    }).map(([, object]) => object);
    const from = Number(asked.query.get("continue") ?? "0");
    const to = from + Math.min(this.pageSize, Number(asked.query.get("limit") ?? "500"));
    const metadata = {
      resourceVersion: String(this.version),
      ...(to < all.length && { continue: String(to) }),
    };
    json(response, 200, { kind: `${kind}List`, apiVersion, metadata, items: all.slice(from, to) });
  }

  #watch({ query }: Asked, key: string, namespace: string | undefined, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    const watch = { key, namespace, name: nameIn(query), response };
    const from = Number(query.get("resourceVersion"));
    for (const event of this.#events) {
      if (event.version > from && isWatched(watch, event.key)) response.write(event.line);
    }
    this.#watches.add(watch);
    response.on("close", () => this.#watches.delete(watch));
  }

  #discover({ path, headers }: Asked, response: ServerResponse): void {
    const groups = new Map<string, Map<string, string[]>>();
    for (const key of this.kinds.keys()) {
      const [group = "", version = "", plural = ""] = key.split("/");
      if (group === "") continue;
      const versions = groups.get(group) ?? new Map<string, string[]>();
      groups.set(group, versions.set(version, [...versions.get(version) ?? [], plural]));
    }
    if (this.discovery === "none") return failure(response, 404, { message: "not here" });
    if (path !== "/apis") {
      const [, , group = "", version = ""] = path.split("/");
      const plurals = groups.get(group)?.get(version);
      if (plurals === undefined) return failure(response, 404, { message: "no such group" });
      const resources = plurals.map((name) => ({ name, namespaced: true }));
      return json(response, 200, { kind: "APIResourceList", groupVersion: `${group}/${version}`, resources });
    }
    if (this.discovery === "plain") {
      return json(response, 200, {
        kind: "APIGroupList",
        groups: [...groups].map(([name, versions]) => ({
          name,
          versions: [...versions.keys()].map((version) => ({ groupVersion: `${name}/${version}`, version })),
        })),
      });
    }
    const items = [...groups].map(([name, versions]) => ({
      metadata: { name },
      versions: [...versions].map(([version, plurals]) => ({
        version,
        resources: plurals.map((resource) => ({ resource })),
      })),
    }));
    const etag = `"${[...this.kinds.keys()].join()}"`;
    if (headers["if-none-match"] === etag) return void response.writeHead(304).end();
    response.setHeader("etag", etag);
    json(response, 200, { kind: "APIGroupDiscoveryList", items });
  }
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** A failure Status. */
export function failure(
  response: ServerResponse,
  code: number,
  extra: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(code, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", code, ...extra }));
}

function isWatched(watch: OpenWatch, key: string): boolean {
  const [kind, namespace, name] = key.split(" ");
  if (watch.key !== kind || (watch.namespace !== undefined && watch.namespace !== namespace)) return false;
  return watch.name === undefined || watch.name === name;
}

function nameIn(query: URLSearchParams): string | undefined {
  return /^metadata\.name=(.*)$/.exec(query.get("fieldSelector") ?? "")?.[1];
}

function slashed(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion : `/${apiVersion}`;
}
