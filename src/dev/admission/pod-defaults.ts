// What a real server fills into pods and pod templates.

import { isObject, type JsonObject, listAt, objectAt, textAt } from "../json.ts";

/** The defaults of a pod's `spec`. */
export function podSpecDefaults(spec: JsonObject): JsonObject {
  return {
    ...spec,
    containers: listAt(spec, "containers").map(containerDefaults),
    ...(spec["initContainers"] === undefined
      ? {}
      : { initContainers: listAt(spec, "initContainers").map(containerDefaults) }),
    restartPolicy: spec["restartPolicy"] ?? "Always",
    terminationGracePeriodSeconds: spec["terminationGracePeriodSeconds"] ?? 30,
    dnsPolicy: spec["dnsPolicy"] ?? "ClusterFirst",
    securityContext: spec["securityContext"] ?? {},
    schedulerName: spec["schedulerName"] ?? "default-scheduler",
  };
}

/** A `template` with the defaults of its pod. */
export function templateDefaults(template: JsonObject): JsonObject {
  const metadata = { ...objectAt(template, "metadata") };
  return {
    ...template,
    metadata: { ...metadata, creationTimestamp: null },
    spec: podSpecDefaults(objectAt(template, "spec")),
  };
}

function containerDefaults(container: unknown): unknown {
  if (!isObject(container)) return container;
  const image = textAt(container, "image") ?? "";
  return {
    ...container,
    resources: container["resources"] ?? {},
    ...(container["ports"] === undefined ? {} : { ports: listAt(container, "ports").map(portDefaults) }),
    terminationMessagePath: container["terminationMessagePath"] ?? "/dev/termination-log",
    terminationMessagePolicy: container["terminationMessagePolicy"] ?? "File",
    imagePullPolicy: container["imagePullPolicy"] ?? (isLatest(image) ? "Always" : "IfNotPresent"),
  };
}

function portDefaults(port: unknown): unknown {
  return isObject(port) ? { ...port, protocol: port["protocol"] ?? "TCP" } : port;
}

/** No tag, or `latest`; a digest is never the latest. */
function isLatest(image: string): boolean {
  if (image.includes("@")) return false;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === "latest";
}
