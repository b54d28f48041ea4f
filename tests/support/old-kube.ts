// A Kubernetes API as it was before 1.22, for real processes: Ingresses of extensions/v1beta1 only, no IngressClasses.

import { createServer, type ServerResponse } from "node:http";

/** An object; its collection's path says of which kind it is. */
export interface OldObject {
  readonly metadata: { readonly name: string; readonly namespace: string } & Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** What a server has, by group and version and then by plural: `{ v1: { services: [...] } }`. */
export type OldObjects = Readonly<Record<string, Readonly<Record<string, readonly OldObject[]>>>>;

/** A listening server. */
export interface OldKube {
  readonly endpoint: string;
  /** Paths that were asked for, without their queries. */
  readonly paths: readonly string[];
  close(): Promise<void>;
}

/** Starts it: lists answer with the objects, watches stay open and say nothing. */
export async function startOldKube(objects: OldObjects): Promise<OldKube> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://kube");
    paths.push(url.pathname);
    answer(objects, url, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    paths,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(objects: OldObjects, { pathname, searchParams }: URL, response: ServerResponse): void {
  if (pathname === "/apis") return sendJson(response, 200, groupList(objects));
  const parts = pathname.split("/").slice(2);
  const plural = parts.length > 0 && !(pathname in prefixesOf(objects)) ? parts.pop() : undefined;
  const version = parts.join("/");
  const served = objects[version];
  if (served === undefined) return sendJson(response, 404, { kind: "Status", code: 404, reason: "NotFound" });
  if (plural === undefined) return sendJson(response, 200, resourceList(version, Object.keys(served)));
  const items = served[plural];
  if (items === undefined) return sendJson(response, 404, { kind: "Status", code: 404, reason: "NotFound" });
  if (searchParams.get("watch") !== null) {
    response.writeHead(200, { "Content-Type": "application/json" }).flushHeaders();
    return;
  }
  sendJson(response, 200, {
    kind: `${kindOf(plural)}List`,
    apiVersion: version,
    metadata: { resourceVersion: "1" },
    items,
  });
}

const kinds: Readonly<Record<string, string>> = {
  ingresses: "Ingress",
  services: "Service",
  endpointslices: "EndpointSlice",
};

function kindOf(plural: string): string {
  return kinds[plural] ?? plural;
}

/** The paths of groups and versions themselves. */
function prefixesOf(objects: OldObjects): Readonly<Record<string, true>> {
  const paths = Object.keys(objects).map((version) => version === "v1" ? "/api/v1" : `/apis/${version}`);
  return Object.fromEntries(paths.map((path) => [path, true]));
}

function groupList(objects: OldObjects) {
  const groups = Object.keys(objects).filter((version) => version !== "v1").map((groupVersion) => {
    const [name = "", version = ""] = groupVersion.split("/");
    return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } };
  });
  return { kind: "APIGroupList", apiVersion: "v1", groups };
}

function resourceList(groupVersion: string, plurals: readonly string[]) {
  const resources = plurals.map((name) => ({
    name,
    namespaced: true,
    kind: kindOf(name),
    verbs: ["get", "list", "watch"],
  }));
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}
