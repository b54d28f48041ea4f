// The `scale` subresource: how many replicas of a workload are wanted and there.

import { type JsonObject, numberAt, objectAt, textAt, textsAt } from "../json.ts";
import type { Kind, ScalePaths } from "../kube/kind.ts";
import type { KubeObject } from "../kube/object.ts";
import { invalidNamed, methodNotAllowed, type StatusError } from "../kube/status.ts";
import { mediaType, parsePatch, readBytes } from "./body.ts";
import type { ApiContext } from "./context.ts";
import { patched } from "./patched.ts";
import { existing } from "./read.ts";
import type { ResourceRequest } from "./resource-request.ts";
import { jsonAnswer } from "./respond.ts";
import { replaceObject } from "./write.ts";
import { checkOptions } from "./write-options.ts";

/** GET, PUT and PATCH of a Scale. */
export async function scale(context: ApiContext, target: ResourceRequest): Promise<Response> {
  const { kind, request } = target;
  const { method } = request;
  if (method === "GET") return jsonAnswer(request, scaleOf(kind, existing(context.store, target)));
  if (method !== "PUT" && method !== "PATCH") throw methodNotAllowed();
  checkOptions(target, method === "PUT" ? "UpdateOptions" : "PatchOptions");
  const bytes = await readBytes(request);
  const workload = existing(context.store, target);
  const body = parsePatch(bytes);
  const wanted = method === "PUT"
    ? objectAt({ body }, "body")
    : patched({ type: mediaType(request), kind: undefined, target: scaleOf(kind, workload), body });
  const replicas = numberAt(wanted, "spec", "replicas") ?? 0;
  if (!Number.isInteger(replicas) || replicas < 0) throw negative(target, replicas);
  const version = textAt(wanted, "metadata", "resourceVersion") ?? workload.metadata.resourceVersion;
  const metadata = { ...workload.metadata, resourceVersion: version };
  const content = { ...withValue(workload, pathsOf(kind).replicas, replicas), metadata };
  const { object } = replaceObject(context, target, { content, previous: workload });
  return jsonAnswer(request, scaleOf(kind, object));
}

/** 422 for a number that is no count. */
function negative({ name = "" }: ResourceRequest, replicas: number): StatusError {
  const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
  const cause = { reason: "FieldValueInvalid", message, field: "spec.replicas" };
  return invalidNamed("Scale.autoscaling", { group: "autoscaling", kind: "Scale" }, name, [cause]);
}

const workloadPaths: ScalePaths = { replicas: ["spec", "replicas"], observed: ["status", "replicas"], selector: [] };

function pathsOf(kind: Kind): ScalePaths {
  return kind.scale ?? workloadPaths;
}

/** A copy of an object with another value at a path. */
function withValue(object: JsonObject, [name = "", ...rest]: readonly string[], value: unknown): JsonObject {
  return { ...object, [name]: rest.length === 0 ? value : withValue(objectAt(object, name), rest, value) };
}

function scaleOf(kind: Kind, workload: KubeObject): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = workload.metadata;
  const { replicas, observed } = pathsOf(kind);
  const selector = selectorOf(kind, workload);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(workload, ...replicas) ?? 0 },
    status: {
      replicas: numberAt(workload, ...observed) ?? 0,
      ...(selector === "" ? {} : { selector }),
    },
  };
}

function selectorOf(kind: Kind, workload: KubeObject): string {
  if (kind.scale !== undefined) return textAt(workload, ...kind.scale.selector) ?? "";
  const pairs = Object.entries(textsAt(workload, "spec", "selector", "matchLabels"));
  return pairs.map(([key, value]) => `${key}=${value}`).join(",");
}
