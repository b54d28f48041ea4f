// PATCH: merge, JSON, strategic merge and apply.

import { isList, isObject, type JsonObject, textAt } from "../json.ts";
import { qualifiedKind } from "../kube/kind.ts";
import { type KubeObject, nameOf } from "../kube/object.ts";
import {
  badRequest,
  invalidNamed,
  notFound,
  patchRejected,
  required,
  StatusError,
  unsupportedMedia,
} from "../kube/status.ts";
import { applyPatch } from "../patch/apply-patch.ts";
import { jsonPatch } from "../patch/json-patch.ts";
import { mergePatch } from "../patch/merge-patch.ts";
import { strategicPatch } from "../patch/strategic-patch.ts";
import { mediaType, readPatch } from "./body.ts";
import type { ApiContext } from "./context.ts";
import type { ResourceRequest } from "./resource-request.ts";
import { objectAnswer } from "./respond.ts";
import { checkOptions, isDryRun, replaceObject } from "./write.ts";

const JSON_PATCH = "application/json-patch+json";
const MERGE_PATCH = "application/merge-patch+json";
const STRATEGIC_PATCH = "application/strategic-merge-patch+json";
const APPLY_PATCH = "application/apply-patch+yaml";
const CUSTOM_TYPES = [JSON_PATCH, MERGE_PATCH, APPLY_PATCH];

/** PATCH of an object or of its status. */
export async function patch(context: ApiContext, target: ResourceRequest): Promise<Response> {
  const { kind, namespace, name = "", request } = target;
  const type = mediaType(request);
  checkOptions(target, "PatchOptions");
  checkType(target, type);
  const body = await readPatch(request, type === APPLY_PATCH);
  const previous = context.store.get(kind, namespace, name);
  if (type === APPLY_PATCH) return apply(context, target, { body, previous });
  if (previous === undefined) throw notFound(kind, name);
  const content = context.isPlaceholder(previous) ? declared(type, previous, body) : patched(type, previous, body);
  const { object, warnings } = replaceObject(context, target, { content, previous });
  return objectAnswer(target, object, { warnings });
}

function checkType({ kind }: ResourceRequest, type: string): void {
  const known = kind.custom ? CUSTOM_TYPES : [...CUSTOM_TYPES, STRATEGIC_PATCH];
  if (known.includes(type)) return;
  if (kind.custom) throw unsupportedMedia(CUSTOM_TYPES);
  throw new StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
}

/** The patched value of anything that has no apply: an object, or a Scale. */
export function patched(type: string, target: JsonObject, body: unknown): JsonObject {
  if (type === JSON_PATCH) return jsonPatched(target, body);
  if (!isObject(body)) {
    const found = isList(body) ? "array" : typeof body;
    if (body === null) throw badRequest("Invalid JSON Patch");
    const why = `json: cannot unmarshal ${found} into Go value of type map[string]interface {}`;
    throw badRequest(`error decoding patch: ${why}`);
  }
  if (type !== STRATEGIC_PATCH) return objectOf(mergePatch(target, body));
  const result = strategicPatch(target, body);
  if (!result.ok) throw new StatusError(500, "", result.why);
  return result.value;
}

function jsonPatched(target: JsonObject, body: unknown): JsonObject {
  if (body !== null && !isList(body)) {
    throw badRequest(
      "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
    );
  }
  const result = jsonPatch(target, body ?? []);
  if (!result.ok) throw patchRejected();
  return objectOf(result.value);
}

function objectOf(value: unknown): JsonObject {
  if (isObject(value)) return value;
  throw patchRejected();
}

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** `kubectl apply` over a placeholder means the object it declares, not a mixture of both. */
function declared(type: string, placeholder: KubeObject, body: unknown): JsonObject {
  const text = textAt(body, "metadata", "annotations", LAST_APPLIED);
  if (text === undefined) return patched(type, placeholder, body);
  try {
    return objectOf(mergePatch(JSON.parse(text), { metadata: { annotations: { [LAST_APPLIED]: text } } }));
  } catch {
    return patched(type, placeholder, body); // not kubectl's own annotation
  }
}

interface ApplyRequest {
  readonly body: unknown;
  readonly previous: KubeObject | undefined;
}

function apply(context: ApiContext, target: ResourceRequest, { body, previous }: ApplyRequest): Response {
  const { kind, name = "", query } = target;
  const manager = query.get("fieldManager") ?? "";
  if (manager === "") {
    const cause = required("fieldManager", "is required for apply patch");
    const renamed = { ...cause, message: "Required value: is required for apply patch" };
    throw invalidNamed("PatchOptions.meta.k8s.io", { group: "meta.k8s.io", kind: "PatchOptions" }, "", [renamed]);
  }
  if (!isObject(body)) throw badRequest("error decoding YAML: the patch must be an object");
  const applied = nameOf(body) === "" ? objectOf(mergePatch(body, { metadata: { name } })) : body;
  const before = previous && context.applied.get(previous.metadata.uid, manager);
  const live = previous === undefined || context.isPlaceholder(previous) ? {} : previous;
  const result = applyPatch({ live, applied, previous: before, custom: kind.custom });
  if (!result.ok) throw new StatusError(500, "", `failed to apply to ${qualifiedKind(kind)}: ${result.why}`);
  const { object, warnings } = replaceObject(context, target, { content: result.value, previous });
  if (!isDryRun(query)) context.applied.set(object.metadata.uid, manager, applied);
  return objectAnswer(target, object, { status: previous === undefined ? 201 : 200, warnings });
}
