// PATCH: merge, JSON, strategic merge and apply.

import { isObject, type JsonObject, textAt } from "../json.ts";
import type { KubeObject } from "../kube/object.ts";
import { nameOf } from "../kube/object.ts";
import { badRequest, notFound, StatusError, unsupportedMedia } from "../kube/status.ts";
import { applyConfiguration } from "../managed/apply.ts";
import { LAST_APPLIED } from "../managed/last-applied.ts";
import { mergePatch } from "../patch/merge-patch.ts";
import { mediaType, parseApply, parsePatch, patchDuplicates, readBytes } from "./body.ts";
import type { ApiContext } from "./context.ts";
import { JSON_PATCH, MERGE_PATCH, patched, STRATEGIC_PATCH } from "./patched.ts";
import type { ResourceRequest } from "./resource-request.ts";
import { objectAnswer } from "./respond.ts";
import { replaceObject, type Written } from "./write.ts";
import { checkOptions, fieldValidationOf, invalidOptions } from "./write-options.ts";

const APPLY_PATCH = "application/apply-patch+yaml";
const CUSTOM_TYPES = [JSON_PATCH, MERGE_PATCH, APPLY_PATCH];

/** PATCH of an object or of its status. */
export async function patch(context: ApiContext, target: ResourceRequest): Promise<Response> {
  const { kind, namespace, name = "", request } = target;
  const type = mediaType(request);
  checkType(target, type);
  const bytes = await readBytes(request);
  checkPatchOptions(target, type);
  const previous = context.store.get(kind, namespace, name);
  if (type === APPLY_PATCH) return apply(context, target, { bytes, previous });
  if (previous === undefined) throw notFound(kind, name);
  const { object, warnings } = change(context, target, { bytes, previous });
  return objectAnswer(target, object, { warnings });
}

/** @throws {StatusError} 415 */
function checkType({ kind }: ResourceRequest, type: string): void {
  const known = kind.custom ? CUSTOM_TYPES : [...CUSTOM_TYPES, STRATEGIC_PATCH];
  if (known.includes(type)) return;
  if (kind.custom) throw unsupportedMedia(CUSTOM_TYPES);
  throw new StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
}

/** @throws {StatusError} 422 */
function checkPatchOptions(target: ResourceRequest, type: string): void {
  const { query } = target;
  const isApply = type === APPLY_PATCH;
  if (isApply && (query.get("fieldManager") ?? "") === "") {
    const message = "Required value: is required for apply patch";
    throw invalidOptions("PatchOptions", { reason: "FieldValueRequired", message, field: "fieldManager" });
  }
  if (!isApply && query.has("force")) {
    const message = "Forbidden: may not be specified for non-apply patch";
    throw invalidOptions("PatchOptions", { reason: "FieldValueForbidden", message, field: "force" });
  }
  checkOptions(target, "PatchOptions");
}

function change(
  context: ApiContext,
  target: ResourceRequest,
  { bytes, previous }: { readonly bytes: Uint8Array; readonly previous: KubeObject },
): Written {
  const { kind, request } = target;
  const type = mediaType(request);
  const body = parsePatch(bytes);
  const duplicates = type === JSON_PATCH ? [] : patchDuplicates(bytes);
  const strict = fieldValidationOf(target.query) === "Strict";
  const content = declared(context, previous, body) ??
    patched({ type, kind, target: previous, body, strict, duplicates });
  return replaceObject(context, target, { content, previous, duplicates });
}

/** `kubectl apply` over a placeholder means the object it declares, not a mixture of both. */
function declared({ isPlaceholder }: ApiContext, previous: KubeObject, body: unknown): JsonObject | undefined {
  const text = textAt(body, "metadata", "annotations", LAST_APPLIED);
  if (text === undefined || !isPlaceholder(previous)) return undefined;
  try {
    const content = mergePatch(JSON.parse(text), { metadata: { annotations: { [LAST_APPLIED]: text } } });
    return isObject(content) ? content : undefined;
  } catch {
    return undefined; // not kubectl's own annotation
  }
}

function apply(
  context: ApiContext,
  target: ResourceRequest,
  { bytes, previous }: { readonly bytes: Uint8Array; readonly previous: KubeObject | undefined },
): Response {
  const { kind, name = "", subresource = "", query } = target;
  if (previous === undefined && subresource !== "") throw notFound(kind, name);
  const body = parseApply(bytes);
  if (!isObject(body)) throw badRequest("error decoding YAML: the patch must be an object");
  const { object, owners } = applyConfiguration({
    kind,
    subresource,
    manager: query.get("fieldManager") ?? "",
    force: query.get("force") === "true" || query.get("force") === "1",
    live: previous === undefined || context.isPlaceholder(previous) ? undefined : previous,
    configuration: body,
  });
  const content = nameOf(object) === "" ? withName(object, name) : object;
  const written = replaceObject(context, target, { content, previous, owners });
  return objectAnswer(target, written.object, {
    status: previous === undefined ? 201 : 200,
    warnings: written.warnings,
  });
}

function withName(object: JsonObject, name: string): JsonObject {
  const metadata = isObject(object["metadata"]) ? object["metadata"] : {};
  return { ...object, metadata: { ...metadata, name } };
}
