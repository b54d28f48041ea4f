// Server-side apply: a manager declares the fields it wants; those it declared before and dropped go away.

import { isObject, type JsonObject, objectAt, sameJson, textAt } from "../json.ts";
import { apiVersionOf } from "../kube/kind.ts";
import { timestamp } from "../kube/object.ts";
import { badRequest, StatusError } from "../kube/status.ts";
import { compareFields } from "./compare.ts";
import { type Conflict, conflictError } from "./conflict.ts";
import { declaredFields } from "./declared.ts";
import { emptyObject, ownable } from "./endpoint.ts";
import { isSameManager, type Manager, type Owner } from "./entries.ts";
import { difference, type FieldSet, intersection, isEmptySet, sortedSet, union } from "./field-set.ts";
import { isAllowedByLastApplied, KUBECTL, refreshLastApplied } from "./last-applied.ts";
import { mergeDeclared } from "./merge.ts";
import { ownersOf, type Writer } from "./ownership.ts";
import { pruneDropped } from "./prune.ts";
import { objectSchema } from "./shape.ts";

/** An apply of a configuration. */
export interface ApplyRequest extends Writer {
  /** Takes fields from other managers instead of failing. */
  readonly force: boolean;
  /** What is stored now; undefined: the apply creates the object. */
  readonly live: JsonObject | undefined;
  readonly configuration: JsonObject;
  /** Fields that the kind does not have are nobody's instead of a mistake. Default: false. */
  readonly lenient?: boolean;
}

/** What an apply came to. */
export interface Applied {
  /** The object before defaults and checks, without managed fields. */
  readonly object: JsonObject;
  readonly owners: readonly Owner[];
}

const BEFORE = "before-first-apply";

/**
 * Applies a configuration.
 * @throws {StatusError} 400 or 500 for a configuration that can't be applied, 409 for fields of other managers
 */
export function applyConfiguration(request: ApplyRequest): Applied {
  checkConfiguration(request);
  const declared = declaredFields(objectSchema(request.kind), request.configuration);
  if (declared.problems.length > 0 && request.lenient !== true) throw untyped(request, declared.problems);
  const { applied, conflicts } = merge(request, declared.fields);
  const denied = conflicts.filter((conflict) => !isAllowedByLastApplied(request, request.live, conflict));
  if (denied.length > 0 && !request.force) throw conflictError(denied);
  if (request.manager !== KUBECTL) return applied;
  return { ...applied, object: refreshLastApplied(applied.object, request.configuration) };
}

function checkConfiguration({ kind, configuration }: ApplyRequest): void {
  const wanted = apiVersionOf(kind);
  const given = textAt(configuration, "kind") === undefined ? "" : textAt(configuration, "apiVersion") ?? "";
  if (given !== wanted) {
    const text = `Specified patch version: ${given}, expected: ${wanted}`;
    throw badRequest(`Incorrect version specified in apply patch. ${text}`);
  }
  if ((objectAt(configuration, "metadata")["managedFields"] ?? null) !== null) {
    throw badRequest("metadata.managedFields must be nil");
  }
}

function untyped({ configuration }: ApplyRequest, problems: readonly string[]): StatusError {
  const [name, namespace] = [textAt(configuration, "metadata", "name"), textAt(configuration, "metadata", "namespace")];
  const version = textAt(configuration, "apiVersion") ?? "";
  const title = `${namespace ?? ""}/${name ?? ""}; ${version.includes("/") ? version : `/${version}`}`;
  const kind = textAt(configuration, "kind") ?? "";
  const text = problems.length === 1 ? problems[0] : `errors:\n${problems.map((each) => `  ${each}`).join("\n")}`;
  return new StatusError(500, "", `failed to create typed patch object (${title}, Kind=${kind}): ${text}`);
}

/** The object and its owners as they are when the apply goes through, and whose fields it takes. */
function merge(request: ApplyRequest, declared: FieldSet): { applied: Applied; conflicts: Conflict[] } {
  const { kind, subresource, manager: name, live, configuration } = request;
  const schema = objectSchema(kind);
  const self: Manager = { name, operation: "Apply", apiVersion: apiVersionOf(kind), subresource };
  const before = ownersBefore(request);
  const last = before.find((owner) => isSameManager(owner, self));
  const fields = ownable(kind, subresource, declared);
  const mine: Owner = { ...self, time: last?.time, fields };
  const others = before.filter((owner) => owner !== last);
  const base = live === undefined ? emptyObject(kind) : unmanaged(live);
  const merged = mergeDeclared(schema, base, configuration);
  // The manager holds on to the metadata by the name, which nobody owns.
  const object = pruneDropped(schema, merged, last?.fields ?? {}, [...others, { ...mine, fields: declared }]);
  const found = compareFields(schema, base, object);
  const changed = found === undefined ? {} : ownable(kind, subresource, union(found.modified, found.added));
  const removed = found === undefined ? {} : ownable(kind, subresource, found.removed);
  const conflicts = others
    .map((owner) => ({ owner, fields: intersection(owner.fields, changed) }))
    .filter((conflict) => !isEmptySet(conflict.fields));
  const left = others.map((owner) => ({ ...owner, fields: difference(difference(owner.fields, changed), removed) }));
  const isNews = last === undefined || !sameJson(sortedSet(last.fields), sortedSet(fields)) ||
    !isEmptySet(changed) || !isEmptySet(removed);
  const entry = isNews ? { ...mine, time: timestamp(new Date()) } : mine;
  return { applied: { object, owners: [...left, entry] }, conflicts };
}

/** An object without owners is treated as if one manager had written all of it. */
function ownersBefore({ kind, subresource, live }: ApplyRequest): readonly Owner[] {
  const owners = ownersOf(live);
  if (live === undefined || owners.length > 0) return owners;
  const found = compareFields(objectSchema(kind), emptyObject(kind), unmanaged(live));
  const fields = found === undefined ? {} : ownable(kind, subresource, found.added);
  const time = timestamp(new Date());
  return [{ name: BEFORE, operation: "Update", apiVersion: apiVersionOf(kind), subresource, time, fields }];
}

function unmanaged(object: JsonObject): JsonObject {
  if (!isObject(object["metadata"])) return object;
  const { managedFields: _entries, ...metadata } = object["metadata"];
  return { ...object, metadata };
}
