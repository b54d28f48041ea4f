// What a real server fills into pods and pod templates.

import { isObject, type JsonObject, listAt, objectAt, textAt } from "../json.ts";

/** The defaults of a pod's `spec`, wherever it stands. */
export function podSpecDefaults(spec: JsonObject): JsonObject {
  const account = textAt(spec, "serviceAccountName") ?? textAt(spec, "serviceAccount");
  const container = (item: unknown) => containerDefaults(item, spec["hostNetwork"] === true);
  return {
    ...spec,
    ...mapped(spec, "volumes", volumeDefaults),
    ...mapped(spec, "containers", container),
    ...mapped(spec, "initContainers", container),
    restartPolicy: spec["restartPolicy"] ?? "Always",
    terminationGracePeriodSeconds: spec["terminationGracePeriodSeconds"] ?? 30,
    dnsPolicy: spec["dnsPolicy"] ?? "ClusterFirst",
    ...(account === undefined ? {} : { serviceAccountName: account, serviceAccount: account }),
    securityContext: spec["securityContext"] ?? {},
    schedulerName: spec["schedulerName"] ?? "default-scheduler",
  };
}

/** The `spec` of a Pod: what a template has, and what is decided only when a pod is born. */
export function wholePodDefaults(spec: JsonObject): JsonObject {
  const defaulted = podSpecDefaults(spec);
  const withRequests = (item: unknown) => requestDefaults(item);
  return {
    ...defaulted,
    ...mapped(defaulted, "containers", withRequests),
    ...mapped(defaulted, "initContainers", withRequests),
    enableServiceLinks: spec["enableServiceLinks"] ?? true,
  };
}

/** A `template` with the defaults of its pod. */
export function templateDefaults(template: JsonObject): JsonObject {
  return {
    ...template,
    metadata: { creationTimestamp: null, ...objectAt(template, "metadata") },
    spec: podSpecDefaults(objectAt(template, "spec")),
  };
}

/** The list of a field with each item changed; nothing where there is no list. */
function mapped(object: JsonObject, field: string, change: (item: unknown) => unknown): JsonObject {
  return Array.isArray(object[field]) ? { [field]: listAt(object, field).map(change) } : {};
}

function containerDefaults(container: unknown, hostNetwork: boolean): unknown {
  if (!isObject(container)) return container;
  const image = textAt(container, "image") ?? "";
  return {
    ...container,
    ...mapped(container, "ports", (port) => portDefaults(port, hostNetwork)),
    ...mapped(container, "env", envDefaults),
    resources: container["resources"] ?? {},
    ...probeDefaults(container, "livenessProbe"),
    ...probeDefaults(container, "readinessProbe"),
    ...probeDefaults(container, "startupProbe"),
    ...lifecycleDefaults(container),
    terminationMessagePath: container["terminationMessagePath"] ?? "/dev/termination-log",
    terminationMessagePolicy: container["terminationMessagePolicy"] ?? "File",
    imagePullPolicy: container["imagePullPolicy"] ?? (isLatest(image) ? "Always" : "IfNotPresent"),
  };
}

function portDefaults(port: unknown, hostNetwork: boolean): unknown {
  if (!isObject(port)) return port;
  const host = hostNetwork ? { hostPort: port["hostPort"] ?? port["containerPort"] } : {};
  return { ...port, ...host, protocol: port["protocol"] ?? "TCP" };
}

function envDefaults(entry: unknown): unknown {
  const source = objectAt(entry, "valueFrom");
  if (!isObject(entry) || !isObject(source["fieldRef"])) return entry;
  return { ...entry, valueFrom: { ...source, fieldRef: { apiVersion: "v1", ...source["fieldRef"] } } };
}

function probeDefaults(container: JsonObject, name: string): JsonObject {
  const probe = container[name];
  if (!isObject(probe)) return {};
  const grpc = isObject(probe["grpc"]) ? { grpc: { service: "", ...probe["grpc"] } } : {};
  const counts = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
  return { [name]: { ...counts, ...probe, ...httpGetDefaults(probe), ...grpc } };
}

function httpGetDefaults(handler: JsonObject): JsonObject {
  const get = handler["httpGet"];
  return isObject(get) ? { httpGet: { path: "/", scheme: "HTTP", ...get } } : {};
}

function lifecycleDefaults(container: JsonObject): JsonObject {
  const lifecycle = container["lifecycle"];
  if (!isObject(lifecycle)) return {};
  const changed: JsonObject = {};
  for (const [event, handler] of Object.entries(lifecycle)) {
    changed[event] = isObject(handler) ? { ...handler, ...httpGetDefaults(handler) } : handler;
  }
  return { lifecycle: changed };
}

const FILE_MODE = 0o644;
const TOKEN_SECONDS = 3600;
const fileSources: readonly string[] = ["secret", "configMap", "downwardAPI", "projected"];

function volumeDefaults(volume: unknown): unknown {
  if (!isObject(volume)) return volume;
  const sources = Object.keys(volume).filter((key) => key !== "name");
  if (sources.length === 0) return { ...volume, emptyDir: {} };
  const changed = { ...volume };
  for (const source of sources) {
    const given = volume[source];
    if (!isObject(given)) continue;
    if (fileSources.includes(source)) changed[source] = withFieldVersions({ defaultMode: FILE_MODE, ...given });
    if (source === "hostPath") changed[source] = { type: "", ...given };
  }
  return changed;
}

/** References to fields and tokens inside the sources of a volume. */
function withFieldVersions(source: JsonObject): JsonObject {
  const item = (file: unknown) => {
    if (!isObject(file) || !isObject(file["fieldRef"])) return file;
    return { ...file, fieldRef: { apiVersion: "v1", ...file["fieldRef"] } };
  };
  const projection = (each: unknown) => {
    if (!isObject(each)) return each;
    const token = each["serviceAccountToken"];
    const downward = each["downwardAPI"];
    return {
      ...each,
      ...(isObject(token) ? { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, ...token } } : {}),
      ...(isObject(downward) ? { downwardAPI: { ...downward, ...mapped(downward, "items", item) } } : {}),
    };
  };
  return { ...source, ...mapped(source, "items", item), ...mapped(source, "sources", projection) };
}

/** What is limited and not asked for is asked for. */
function requestDefaults(container: unknown): unknown {
  const limits = objectAt(container, "resources", "limits");
  if (!isObject(container) || Object.keys(limits).length === 0) return container;
  const resources = objectAt(container, "resources");
  return { ...container, resources: { ...resources, requests: { ...limits, ...objectAt(resources, "requests") } } };
}

/** No tag, or `latest`; a digest is never the latest. */
function isLatest(image: string): boolean {
  if (image.includes("@")) return false;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === "latest";
}
