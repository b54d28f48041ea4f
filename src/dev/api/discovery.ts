// Discovery: which groups, versions and resources are served.

import { sha256Hex } from "../../net/hash.ts";
import type { JsonObject } from "../json.ts";
import type { KindRegistry } from "../kube/kind-registry.ts";
import { apiVersionOf, type Kind } from "../kube/kind.ts";
import { ownGroups } from "./resource-request.ts";
import { reviewResources } from "./review.ts";

const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const CUSTOM_VERBS = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
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
  const reviewed = reviews.map(({ plural, kind, namespaced }) => {
    return { name: plural, singularName: "", namespaced, kind, verbs: ["create"] };
  });
  const resources = [...served.flatMap(resourcesOf), ...reviewed].sort(byName);
  // The core group's list names no version of its own.
  return { kind: "APIResourceList", ...(groupVersion === "v1" ? {} : { apiVersion: "v1" }), groupVersion, resources };
}

/** GET /: every path of discovery. */
export function rootPaths(kinds: KindRegistry): JsonObject {
  const groups = [...versionsByGroup(kinds)];
  const paths = groups.flatMap(([name, versions]) => {
    return [`/apis/${name}`, ...versions.map((each) => `/apis/${name}/${each}`)];
  });
  const health = ["/healthz", "/healthz/ping", "/livez", "/livez/ping"];
  const first = ["/.well-known/openid-configuration", "/api", "/api/v1", "/apis", "/apis/"];
  const last = ["/metrics", "/openapi/v2", "/openapi/v3", "/openid/v1/jwks", "/readyz", "/readyz/ping", "/version"];
  return { paths: [...first, ...paths, ...health, ...last] };
}

function byName(one: JsonObject, other: JsonObject): number {
  return String(one["name"]) < String(other["name"]) ? -1 : 1;
}

/** Kubernetes' own groups in the order of a real server, then the others as they came. */
function versionsByGroup(kinds: KindRegistry): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (name: string, version: string) => {
    const versions = found.get(name) ?? [];
    if (!versions.includes(version)) found.set(name, [...versions, version]);
  };
  for (const kind of kinds.all.filter((each) => each.group !== "")) add(kind.group, kind.version);
  for (const { groupVersion } of reviewResources) {
    const [name = "", version = ""] = groupVersion.split("/");
    add(name, version);
  }
  const rank = (name: string) => (ownGroups.includes(name) ? ownGroups.indexOf(name) : ownGroups.length);
  const groups = [...found].sort(([one], [other]) => rank(one) - rank(other));
  return new Map(groups.map(([name, versions]) => [name, versions.sort(byPriority)]));
}

const VERSION = /^v(\d+)(?:(alpha|beta)(\d+))?$/;

/** v2 before v1 before v1beta1 before v1alpha1. */
function byPriority(one: string, other: string): number {
  const [left, right] = [priorityOf(one), priorityOf(other)];
  for (const [at, value] of left.entries()) if (value !== right[at]) return (right[at] ?? 0) - value;
  return 0;
}

function priorityOf(version: string): number[] {
  const [, major = "0", stage, minor = "0"] = VERSION.exec(version) ?? [];
  return [stage === undefined ? 2 : stage === "beta" ? 1 : 0, Number(major), Number(minor)];
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
    verbs: verbsOf(kind),
    ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
    storageVersionHash: storageHash(kind),
  };
  return [main, ...kind.subresources.map((name) => subresourceOf(kind, name))];
}

function verbsOf({ custom, kind, group }: Kind): readonly string[] {
  if (custom) return CUSTOM_VERBS;
  // Namespaces can't be deleted all at once.
  return kind === "Namespace" && group === "" ? VERBS.filter((verb) => verb !== "deletecollection") : VERBS;
}

const HASH_BYTES = 8;

/** Tells clients when a kind is stored in another version: the beginning of a digest of its name. */
function storageHash({ group, version, kind }: Kind): string {
  const hex = sha256Hex(`${group}/${version}/${kind}`).slice(0, 2 * HASH_BYTES);
  return btoa(hex.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16))));
}

function subresourceOf({ plural, kind, namespaced }: Kind, name: string): JsonObject {
  const common = { name: `${plural}/${name}`, singularName: "", namespaced };
  if (name === "scale") {
    return { ...common, group: "autoscaling", version: "v1", kind: "Scale", verbs: SUBRESOURCE_VERBS };
  }
  const verbs = name === "log" ? ["get"] : name === "finalize" ? ["update"] : SUBRESOURCE_VERBS;
  return { ...common, kind, verbs };
}
