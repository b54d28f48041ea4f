// What a patch makes of an object, and what is told when it can't be applied.

import { decodeObject } from "../built-in/decode.ts";
import { isList, isObject, type JsonObject, textAt } from "../json.ts";
import type { Kind } from "../kube/kind.ts";
import { badRequest, patchRejected, StatusError } from "../kube/status.ts";
import { objectSchema } from "../managed/shape.ts";
import { goJson, goText, type IsTouched } from "../patch/go-text.ts";
import { jsonPatch } from "../patch/json-patch.ts";
import { mergePatch } from "../patch/merge-patch.ts";
import { restoreProblem } from "../patch/restore.ts";
import { strategicPatch } from "../patch/strategic-patch.ts";
import { readCustom } from "../structural/judge.ts";
import { goKind } from "./json-problem.ts";

/** The media type of RFC 6902. */
export const JSON_PATCH = "application/json-patch+json";
/** The media type of RFC 7396. */
export const MERGE_PATCH = "application/merge-patch+json";
/** Kubernetes' own. */
export const STRATEGIC_PATCH = "application/strategic-merge-patch+json";

/** A patch of something that is stored. */
export interface PatchRequest {
  readonly type: string;
  /** Undefined: not an object of a kind, but a Scale. */
  readonly kind: Kind | undefined;
  readonly target: JsonObject;
  readonly body: unknown;
  /** Refuses fields that the kind does not have. Default: false. */
  readonly strict?: boolean;
  /** Paths of fields that the text of the patch gave more than once. Default: none. */
  readonly duplicates?: readonly string[];
}

/** The patched object. @throws {StatusError} 400, 422, 500 */
export function patched(request: PatchRequest): JsonObject {
  const { type, target, body } = request;
  if (type === JSON_PATCH) return readable(request, jsonPatched(target, body));
  if (!isObject(body)) {
    if (body === null) throw badRequest("Invalid JSON Patch");
    throw undecodable(body, "map[string]interface {}");
  }
  if (type === STRATEGIC_PATCH) return strategicPatched(request, body);
  return readable(request, objectOf(mergePatch(target, body)));
}

function undecodable(body: unknown, wanted: string): StatusError {
  return badRequest(`error decoding patch: json: cannot unmarshal ${goKind(body)} into Go value of type ${wanted}`);
}

const MOST_OPERATIONS = 10_000; // as in a real server

function jsonPatched(target: JsonObject, body: unknown): JsonObject {
  if (body !== null && !isList(body)) throw undecodable(body, "[]handlers.jsonPatchOp");
  if (body !== null && body.length > MOST_OPERATIONS) {
    const text = `The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}, got ${body.length}`;
    throw new StatusError(413, "RequestEntityTooLarge", `Request entity too large: ${text}`);
  }
  const result = jsonPatch(target, body ?? []);
  if (!result.ok) throw patchRejected();
  return objectOf(result.value);
}

function objectOf(value: unknown): JsonObject {
  if (isObject(value)) return value;
  throw patchRejected();
}

function strategicPatched(request: PatchRequest, body: JsonObject): JsonObject {
  const { kind, target } = request;
  const schema = kind === undefined ? {} : objectSchema(kind);
  const result = strategicPatch(schema, target, body);
  if (!result.ok) throw new StatusError(500, "", result.why);
  const problem = restoreProblem(schema, result.value) ?? strictProblem(request, result.value);
  if (problem !== undefined) throw invalidPatch(goText(withoutOrdered(body)), problem);
  return result.value;
}

/** What is left of a patch in a real server's messages: lists whose order it gives are taken out while they are merged. */
function withoutOrdered(patch: JsonObject): JsonObject {
  const left: JsonObject = {};
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith("$setElementOrder/") || patch[`$setElementOrder/${key}`] !== undefined) continue;
    left[key] = isObject(value) ? withoutOrdered(value) : value;
  }
  return left;
}

/** Fields that a kind does not have, when they are not to be dropped in silence. */
function strictProblem(
  { kind, strict = false, duplicates = [] }: PatchRequest,
  content: JsonObject,
): string | undefined {
  if (!strict || kind?.schema === undefined) return undefined;
  const read = kind.custom ? readCustom(kind.schema, content) : decodeObject(kind.schema, content);
  const unknown = read.ok ? read.unknown : [];
  const texts = [
    ...duplicates.map((field) => `duplicate field "${field}"`),
    ...unknown.map((field) => `unknown field "${field}"`),
  ];
  return texts.length === 0 ? undefined : `strict decoding error: ${texts.join(", ")}`;
}

/** The patched object, when a server could still read it. @throws {StatusError} 422 */
function readable(request: PatchRequest, content: JsonObject): JsonObject {
  const { type, kind, body } = request;
  if (kind?.schema === undefined) return content;
  const problem = typeProblem(kind, content) ?? strictProblem(request, content);
  if (problem === undefined) return content;
  const isTouched = type === JSON_PATCH ? touchedByOperations(body) : touchedByMerge(body);
  throw invalidPatch(goJson(kind.custom ? {} : kind.schema, content, isTouched), problem);
}

/** Custom resources tell of wrong types later, cause by cause. */
function typeProblem({ custom, schema }: Kind, content: JsonObject): string | undefined {
  if (custom || schema === undefined) return undefined;
  const decoded = decodeObject(schema, content);
  return decoded.ok ? undefined : decoded.why;
}

/** 422 for a result that is no object of its kind; it names none. */
function invalidPatch(shown: string, why: string): StatusError {
  const message = `Invalid value: ${JSON.stringify(shown)}: ${why}`;
  const causes = [{ reason: "FieldValueInvalid", message, field: "patch" }];
  return new StatusError(422, "Invalid", ` "" is invalid: patch: ${message}`, { causes });
}

/** Everything on the way to a place that an operation names. */
function touchedByOperations(operations: unknown): IsTouched {
  const pointers = (isList(operations) ? operations : []).flatMap((operation) => {
    return [textAt(operation, "path") ?? "", textAt(operation, "from") ?? ""];
  });
  const parents = new Set(pointers.flatMap((pointer) => {
    const steps = pointer.split("/").slice(0, -1);
    return steps.map((_, at) => steps.slice(0, at + 1).join("/"));
  }));
  return (path) => path.length === 0 || parents.has(["", ...path].join("/"));
}

function touchedByMerge(body: unknown): IsTouched {
  return (path) => {
    let at = body;
    for (const step of path) at = isObject(at) ? at[step] : undefined;
    return path.length === 0 || isObject(at);
  };
}
