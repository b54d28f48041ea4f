// The `scale` subresource: how many replicas of a workload are wanted and there.

import { type JsonObject, numberAt, objectAt, textAt, textsAt } from "../json.ts";
import type { KubeObject } from "../kube/object.ts";
import { badRequest, methodNotAllowed } from "../kube/status.ts";
import { mediaType, readPatch } from "./body.ts";
import type { ApiContext } from "./context.ts";
import { patched } from "./patch.ts";
import { existing } from "./read.ts";
import type { ResourceRequest } from "./resource-request.ts";
import { jsonAnswer } from "./respond.ts";
import { replaceObject } from "./write.ts";

/** GET, PUT and PATCH of a Scale. */
export async function scale(context: ApiContext, target: ResourceRequest): Promise<Response> {
  const { request } = target;
  const workload = existing(context.store, target);
  if (request.method === "GET") return jsonAnswer(request, scaleOf(workload));
  if (request.method !== "PUT" && request.method !== "PATCH") throw methodNotAllowed();
  const body = await readPatch(request, false);
  const wanted = request.method === "PUT"
    ? objectAt({ body }, "body")
    : patched(mediaType(request), scaleOf(workload), body);
  const replicas = numberAt(wanted, "spec", "replicas") ?? 0;
  if (!Number.isInteger(replicas) || replicas < 0) throw badRequest(`spec.replicas: ${replicas} is not a count`);
  const metadata = { ...workload.metadata, resourceVersion: textAt(wanted, "metadata", "resourceVersion") ?? "" };
  const content = { ...workload, metadata, spec: { ...objectAt(workload, "spec"), replicas } };
  const { object } = replaceObject(context, { ...target, subresource: undefined }, { content, previous: workload });
  return jsonAnswer(request, scaleOf(object));
}

function scaleOf(workload: KubeObject): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = workload.metadata;
  const selector = Object.entries(textsAt(workload, "spec", "selector", "matchLabels"));
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(workload, "spec", "replicas") ?? 0 },
    status: {
      replicas: numberAt(workload, "status", "replicas") ?? 0,
      selector: selector.map(([key, value]) => `${key}=${value}`).join(","),
    },
  };
}
