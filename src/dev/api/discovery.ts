// Discovery: which groups, versions and resources are served.

import type { JsonObject } from "../json.ts";
import type { KindRegistry } from "../kube/kind-registry.ts";
import { apiVersionOf, type Kind } from "../kube/kind.ts";
import { reviewResources } from "./review.ts";

const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const SUBRESOURCE_VERBS = ["get", "patch", "update"];

/** The version the API claims: what of Kubernetes it behaves like. */
export const versionInfo = {
  major: "1",
  minor: "26",
  gitVersion: "v1.26.1+weir",
  gitCommit: "",
  gitTreeState: "",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "",
  platform: "",
} as const;

/** GET /api. @param host what the client called the server */
export function coreVersions(host: string): JsonObject {
  const serverAddressByClientCIDRs = [{ clientCIDR: "0.0.0.0/0", serverAddress: host }];
  return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs };
}

/** GET /apis. */
export function groupList(kinds: KindRegistry): JsonObject {
  const groups = [...versionsByGroup(kinds)].map(([name, versions]) => groupOf(name, versions));
  return { kind: "APIGroupList", apiVersion: "v1", groups };
}

/** GET /apis/GROUP; undefined when the group is not served. */
export function group(kinds: KindRegistry, name: string): JsonObject | undefined {
  const versions = versionsByGroup(kinds).get(name);
  return versions && { kind: "APIGroup", apiVersion: "v1", ...groupOf(name, versions) };
}

/** GET /api/v1 or /apis/GROUP/VERSION; undefined when it is not served. */
export function resourceList(kinds: KindRegistry, groupVersion: string): JsonObject | undefined {
  const served = kinds.all.filter((kind) => apiVersionOf(kind) === groupVersion);
  const reviews = reviewResources.filter((review) => review.groupVersion === groupVersion);
  if (served.length === 0 && reviews.length === 0) return undefined;
  const resources: JsonObject[] = served.flatMap(resourcesOf);
  for (const { plural, kind, namespaced } of reviews) {
    resources.push({ name: plural, singularName: "", namespaced, kind, verbs: ["create"] });
  }
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources };
}

/** GET /: every path of discovery. */
export function rootPaths(kinds: KindRegistry): JsonObject {
  const groups = [...versionsByGroup(kinds)];
  const paths = groups.flatMap((
    [name, versions],
  ) => [`/apis/${name}`, ...versions.map((each) => `/apis/${name}/${each}`)]);
  return { paths: ["/api", "/api/v1", "/apis", ...paths, "/healthz", "/livez", "/openapi/v2", "/readyz", "/version"] };
}

function versionsByGroup(kinds: KindRegistry): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  const add = (name: string, version: string) => {
    const versions = groups.get(name) ?? [];
    if (!versions.includes(version)) groups.set(name, [...versions, version]);
  };
  for (const kind of kinds.all.filter((each) => each.group !== "" && !each.custom)) add(kind.group, kind.version);
  for (const { groupVersion } of reviewResources) {
    const [name = "", version = ""] = groupVersion.split("/");
    add(name, version);
  }
  for (const kind of kinds.all.filter((each) => each.custom)) add(kind.group, kind.version);
  return groups;
}

function groupOf(name: string, versions: readonly string[]): JsonObject {
  const list = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: list, preferredVersion: list[0] };
}

function resourcesOf(kind: Kind): JsonObject[] {
  const { plural, singular, namespaced } = kind;
  const main = {
    name: plural,
    singularName: kind.custom ? singular : "",
    namespaced,
    kind: kind.kind,
    verbs: VERBS,
    ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
  };
  return [main, ...kind.subresources.map((name) => subresourceOf(kind, name))];
}

function subresourceOf({ plural, kind, namespaced }: Kind, name: string): JsonObject {
  const common = { name: `${plural}/${name}`, singularName: "", namespaced };
  if (name === "scale") {
    return { ...common, group: "autoscaling", version: "v1", kind: "Scale", verbs: SUBRESOURCE_VERBS };
  }
  const verbs = name === "log" ? ["get"] : name === "finalize" ? ["update"] : SUBRESOURCE_VERBS;
  return { ...common, kind, verbs };
}
