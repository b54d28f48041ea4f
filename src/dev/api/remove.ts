// DELETE: one object or a collection.

import { isObject, type JsonObject, listAt, numberAt, textAt, valueAt } from "../json.ts";
import { inErrors, type Kind, qualifiedKind } from "../kube/kind.ts";
import type { KubeObject } from "../kube/object.ts";
import {
  badRequest,
  type Cause,
  conflict,
  deletedStatus,
  forbidden,
  invalidNamed,
  methodNotAllowed,
  StatusError,
} from "../kube/status.ts";
import { decodeKubeProtobuf } from "../protobuf/envelope.ts";
import { mediaType, readBytes } from "./body.ts";
import type { ApiContext } from "./context.ts";
import { deleteObject, dyingState, type Propagation } from "./deletion.ts";
import { jsonProblem } from "./json-problem.ts";
import { integerOf } from "./list-options.ts";
import { existing, selectObjects } from "./read.ts";
import type { ResourceRequest } from "./resource-request.ts";
import { jsonAnswer, listAnswer, objectAnswer } from "./respond.ts";

const PERMANENT = new Set(["default", "kube-system", "kube-public"]);

/** How a client wants things deleted. */
interface DeleteOptions {
  readonly policy: Propagation | undefined;
  readonly grace: number | undefined;
  readonly dry: boolean;
  readonly uid: unknown;
  readonly resourceVersion: unknown;
}

/** DELETE of one object. */
export async function removeOne(context: ApiContext, target: ResourceRequest): Promise<Response> {
  const { kind, name = "", request } = target;
  const options = await deleteOptions(target);
  const object = existing(context.store, target);
  checkDeletable(kind, object, options);
  const held = dyingState(kind, object, options) !== undefined;
  const last = options.dry ? object : deleteObject(context.store, kind, object, options);
  if (held || kind.answersObject) return objectAnswer(target, last);
  return jsonAnswer(request, deletedStatus(kind, name, object.metadata.uid));
}

/** DELETE of the selected objects of a collection; answers what was there. */
export async function removeCollection(context: ApiContext, target: ResourceRequest): Promise<Response> {
  const { kind } = target;
  if (kind.kind === "Namespace") throw methodNotAllowed();
  const options = await deleteOptions(target);
  const objects = selectObjects(context.store, target);
  const resourceVersion = String(context.store.version);
  if (!options.dry) { for (const object of objects) deleteObject(context.store, kind, object, options); }
  return listAnswer(target, objects, { resourceVersion });
}

/** The options stand in the body or, where there is none, in the query. @throws {StatusError} 400, 422, 500 */
async function deleteOptions(target: ResourceRequest): Promise<DeleteOptions> {
  const bytes = await readBytes(target.request);
  const given = bytes.length === 0 ? queryOptions(target.query) : bodyOptions(mediaType(target.request), bytes);
  const causes = optionCauses(given);
  if (causes.length > 0) {
    throw invalidNamed("DeleteOptions.meta.k8s.io", { group: "meta.k8s.io", kind: "DeleteOptions" }, "", causes);
  }
  return {
    policy: policyOf(given),
    grace: numberAt(given, "gracePeriodSeconds"),
    dry: listAt(given, "dryRun").includes("All"),
    uid: valueAt(given, "preconditions", "uid"),
    resourceVersion: valueAt(given, "preconditions", "resourceVersion"),
  };
}

function queryOptions(query: URLSearchParams): JsonObject {
  const grace = integerOf(query, "gracePeriodSeconds");
  const [policy, orphan] = [query.get("propagationPolicy"), query.get("orphanDependents")];
  return {
    dryRun: query.getAll("dryRun").filter((value) => value !== ""),
    ...(query.has("gracePeriodSeconds") ? { gracePeriodSeconds: grace } : {}),
    ...(policy === null ? {} : { propagationPolicy: policy }),
    ...(orphan === null ? {} : { orphanDependents: orphan === "true" || orphan === "1" }),
  };
}

function bodyOptions(type: string, bytes: Uint8Array): JsonObject {
  if (type !== "application/vnd.kubernetes.protobuf") return parseOptions(bytes);
  const decoded = decodeKubeProtobuf(bytes, "DeleteOptions");
  if (decoded.ok) return decoded.object;
  throw new StatusError(500, "", decoded.why);
}

function parseOptions(bytes: Uint8Array): JsonObject {
  const problem = jsonProblem(bytes);
  if (problem !== undefined) {
    throw new StatusError(500, "", `couldn't get version/kind; json parse error: ${problem}`);
  }
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (!isObject(value)) throw badRequest("DeleteOptions must be an object");
  const kind = textAt(value, "kind") ?? "DeleteOptions";
  if (kind === "DeleteOptions") return value;
  const scheme = '"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"';
  const version = JSON.stringify(textAt(value, "apiVersion") ?? "");
  throw new StatusError(
    500,
    "",
    `no kind ${JSON.stringify(kind)} is registered for version ${version} in scheme ${scheme}`,
  );
}

function optionCauses(options: JsonObject): Cause[] {
  const policy = valueAt(options, "propagationPolicy");
  const causes: Cause[] = [];
  if (policy !== undefined && valueAt(options, "orphanDependents") !== undefined) {
    const message = `Invalid value: ${
      JSON.stringify(policy)
    }: orphanDependents and deletionPropagation cannot be both set`;
    causes.push({ reason: "FieldValueInvalid", message, field: "propagationPolicy" });
  }
  if (policy !== undefined && propagation(policy) === undefined) {
    const supported = '"Foreground", "Background", "Orphan", "nil"';
    const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: ${supported}`;
    causes.push({ reason: "FieldValueNotSupported", message, field: "propagationPolicy" });
  }
  const dryRun = listAt(options, "dryRun");
  if (dryRun.some((value) => value !== "All")) {
    const shown = `[]string{${dryRun.map((value) => JSON.stringify(value)).join(", ")}}`;
    const message = `Unsupported value: ${shown}: supported values: "All"`;
    causes.push({ reason: "FieldValueNotSupported", message, field: "dryRun" });
  }
  return causes;
}

function policyOf(options: JsonObject): Propagation | undefined {
  const orphan = valueAt(options, "orphanDependents");
  if (typeof orphan === "boolean") return orphan ? "Orphan" : "Background";
  return propagation(valueAt(options, "propagationPolicy"));
}

function propagation(policy: unknown): Propagation | undefined {
  return policy === "Foreground" || policy === "Background" || policy === "Orphan" ? policy : undefined;
}

/** @throws {StatusError} 403 or 409 */
function checkDeletable(kind: Kind, object: KubeObject, wanted: DeleteOptions): void {
  const { name, uid, resourceVersion } = object.metadata;
  if (kind.kind === "Namespace" && PERMANENT.has(name)) {
    throw forbidden(kind, name, "this namespace may not be deleted");
  }
  if (wanted.uid !== undefined && wanted.uid !== uid) {
    const end = "The object might have been deleted and then recreated";
    throw preconditionFailed(kind, name, { what: "UID", asked: wanted.uid, found: uid, end });
  }
  if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion) {
    const end = "The object might have been modified";
    const asked = wanted.resourceVersion;
    throw preconditionFailed(kind, name, { what: "ResourceVersion", asked, found: resourceVersion, end });
  }
}

/** What was asked for and what is there. */
interface Mismatch {
  readonly what: "UID" | "ResourceVersion";
  readonly asked: unknown;
  readonly found: string;
  readonly end: string;
}

/** Unlike other conflicts this one names the kind, not the resource; but for namespaces, which are deleted in their own way. */
function preconditionFailed(kind: Kind, name: string, { what, asked, found, end }: Mismatch): StatusError {
  if (kind.kind === "Namespace") {
    const why = `${what} in precondition: ${asked}, ${what} in object meta: ${found}`;
    return conflict(kind, name, `Precondition failed: ${why}`);
  }
  const { group: shown } = inErrors(kind);
  const group = shown === "" ? {} : { group: shown };
  const title = `Operation cannot be fulfilled on ${qualifiedKind(inErrors(kind))} "${name}"`;
  const why = `the ${what} in the precondition (${asked}) does not match the ${what} in record (${found}). ${end}`;
  return new StatusError(409, "Conflict", `${title}: ${why}`, { name, ...group, kind: kind.kind });
}
