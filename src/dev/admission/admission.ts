// The gate every write passes: identity, types, schema, rules, defaults, in the order of a real server.

import type { Problem } from "../../schema/problem.ts";
import { type ClusterAdmission, noCluster } from "../built-in/cluster-admission.ts";
import { isObject, type JsonObject, objectAt, textAt } from "../json.ts";
import { apiVersionOf, type Kind } from "../kube/kind.ts";
import { nameOf, namespaceOf } from "../kube/object.ts";
import { badRequest, type Cause, invalid, invalidNamed, StatusError } from "../kube/status.ts";
import { safeHash } from "../hash.ts";
import { withDefinitionDefaults } from "../structural/definition-defaults.ts";
import { definitionCauses } from "../structural/definition-rules.ts";
import { customCauses } from "../structural/judge.ts";
import { builtInCauses } from "./built-in-rules.ts";
import { withDefaults } from "./defaults.ts";
import { labelCauses, nameCauses } from "./names.ts";
import { isUnknownField, type ValidateObject } from "./problems.ts";
import { keepsAll, readContent } from "./read-content.ts";

/** What happens to fields that the schema does not have. */
export type FieldValidation = "Strict" | "Warn" | "Ignore";

/** A write on its way in. */
export interface Draft {
  readonly kind: Kind;
  readonly content: JsonObject;
  /** Of the URL; empty for kinds of the whole cluster. */
  readonly namespace: string;
  /** Of the URL; undefined on creation. */
  readonly name: string | undefined;
  /** What is stored now. */
  readonly previous: JsonObject | undefined;
  readonly fieldValidation: FieldValidation;
  /** Paths of fields that the text gave more than once. Default: none. */
  readonly duplicates?: readonly string[];
  /** The subresource that is written. Default: the object itself. */
  readonly subresource?: string;
}

/** A write that may be stored. */
export interface Admitted {
  readonly object: JsonObject;
  /** For `Warning` headers. */
  readonly warnings: readonly string[];
}

const QUOTED = 30; // characters of a bad body that a real server repeats

/** Admits writes. */
export type Admit = (draft: Draft) => Admitted;

/**
 * @param validate what weir itself makes of custom objects, told as warnings. Default: nothing
 * @param cluster the steps that look at other objects. Default: none
 */
export function createAdmission(validate: ValidateObject = () => [], cluster: ClusterAdmission = noCluster): Admit {
  return (draft) => {
    checkIdentity(draft);
    const read = readContent(draft.kind, draft.content);
    if (!read.ok) throw cannotBeHandled(draft.kind, draft.content, read.why);
    const warnings = cluster.silent ? [] : fieldWarnings(draft, read.unknown);
    const object = cluster.complete(filledIn(withIdentity({ ...draft, content: read.content }), draft), draft);
    const causes = causesOf(object, draft);
    if (causes.length > 0) throw withWarnings(invalid(draft.kind, nameOf(object), causes), warnings);
    if (!draft.kind.custom) {
      const placed = cluster.allocate(object, draft);
      if (placed.causes.length > 0) throw withWarnings(invalid(draft.kind, nameOf(object), placed.causes), warnings);
      return { object: placed.object, warnings };
    }
    const problems = validate({ ...object, apiVersion: apiVersionOf(draft.kind), kind: draft.kind.kind });
    return { object, warnings: [...warnings, ...semanticWarnings(problems)] };
  };
}

function filledIn(content: JsonObject, { kind, previous, subresource = "" }: Draft): JsonObject {
  if (kind.custom) return content;
  if (kind.kind === "CustomResourceDefinition") return withDefinitionDefaults(content, previous);
  return withDefaults(kind, content, { previous, subresource });
}

/** Everything a server would refuse an object for, except what its JSON can't be read for. */
function causesOf(object: JsonObject, { kind, previous }: Draft): Cause[] {
  const own = [...nameCauses(kind, nameOf(object)), ...labelCauses(kind, objectAt(object, "metadata"))];
  if (kind.kind === "CustomResourceDefinition") return [...own, ...definitionCauses(object, previous)];
  return kind.custom
    ? customCauses(kind.schema ?? keepsAll, object, own)
    : [...own, ...builtInCauses(kind, object, previous)];
}

/** 400 for an object that can't be read as its kind; what it calls itself is told, too. */
function cannotBeHandled(kind: Kind, content: JsonObject, why: string): StatusError {
  const given = textAt(content, "apiVersion") ?? "";
  const version = given === "" ? kind.version : given.slice(given.indexOf("/") + 1);
  const title = `${textAt(content, "kind") ?? kind.kind} in version "${version}"`;
  return badRequest(`${title} cannot be handled as a ${kind.kind}: ${why}`);
}

/** A refusal tells of dropped fields, too. */
function withWarnings(failure: StatusError, warnings: readonly string[]): StatusError {
  failure.warnings = warnings;
  return failure;
}

/** What a URL says of an object, and the object. */
export type Identified = Pick<Draft, "kind" | "content" | "namespace" | "name">;

/** Kind, version, name and namespace must be those of the URL. @throws {StatusError} 400 or 422 */
export function checkIdentity({ kind, content, namespace, name }: Identified): void {
  const metadata = content["metadata"];
  if (metadata !== undefined && metadata !== null && !isObject(metadata)) {
    const found = Array.isArray(metadata) ? "array" : typeof metadata;
    const place = kind.custom ? "Go value" : `Go struct field ${kind.kind}.metadata`;
    throw cannotBeHandled(kind, content, `json: cannot unmarshal ${found} into ${place} of type v1.ObjectMeta`);
  }
  checkKind(kind, content);
  const given = namespaceOf(content);
  if (kind.namespaced && given !== "" && given !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  if (name === undefined) return;
  if (nameOf(content) === "") {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (nameOf(content) !== name) {
    throw badRequest(`the name of the object (${nameOf(content)}) does not match the name on the URL (${name})`);
  }
}

function checkKind(kind: Kind, content: JsonObject): void {
  const given = textAt(content, "kind");
  const version = textAt(content, "apiVersion") ?? apiVersionOf(kind);
  if (kind.custom) checkCustomKind(kind, content);
  else if ((given ?? kind.kind) !== kind.kind || version !== apiVersionOf(kind)) {
    throw badRequest(
      `${given ?? kind.kind} in version "${version.slice(version.indexOf("/") + 1)}" cannot be handled as a ` +
        `${kind.kind}: no kind ` +
        `"${given ?? kind.kind}" is registered for version "${version}" in scheme ` +
        `"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"`,
    );
  }
}

function checkCustomKind(kind: Kind, content: JsonObject): void {
  const given = textAt(content, "kind");
  const version = textAt(content, "apiVersion");
  const wanted = apiVersionOf(kind);
  if (given === undefined) {
    const text = JSON.stringify(content);
    const head = text.length > QUOTED ? `${text.slice(0, QUOTED)} ...` : text;
    const title = `the object provided is unrecognized (must be of type ${kind.kind})`;
    throw badRequest(`${title}: Object 'Kind' is missing in '${text}' (${head})`);
  }
  if (version !== undefined && version !== wanted) {
    const message = `the API version in the data (${version}) does not match the expected API version (${wanted})`;
    throw badRequest(message);
  }
  if (given === kind.kind) return;
  const cause = {
    reason: "FieldValueInvalid",
    message: `Invalid value: "${given}": must be ${kind.kind}`,
    field: "kind",
  };
  throw invalidNamed(`${given}.${kind.group}`, { group: kind.group, kind: given }, nameOf(content), [cause]);
}

/** The content under its final name and namespace. */
function withIdentity({ kind, content, namespace }: Draft): JsonObject {
  const metadata: JsonObject = { ...objectAt(content, "metadata") };
  const prefix = textAt(metadata, "generateName") ?? "";
  if (nameOf(content) === "" && prefix !== "") metadata["name"] = prefix + safeHash(crypto.randomUUID(), 5);
  if (kind.namespaced) metadata["namespace"] = namespace;
  return { ...content, metadata };
}

/** What is told of fields that were given twice, or that the kind does not have. @throws {StatusError} 400 when strict */
function fieldWarnings(
  { kind, content, fieldValidation, duplicates = [] }: Draft,
  unknown: readonly string[],
): string[] {
  const texts = [
    ...duplicates.map((field) => `duplicate field "${field}"`),
    ...unknown.map((field) => `unknown field "${field}"`),
  ];
  if (fieldValidation === "Ignore") return [];
  if (fieldValidation === "Warn" || texts.length === 0) return texts;
  throw cannotBeHandled(kind, content, `strict decoding error: ${texts.join(", ")}`);
}

/** A real server would store these without a word; here the user hears of them. */
function semanticWarnings(problems: readonly Problem[]): string[] {
  const silent = problems.filter((problem) => !isUnknownField(problem));
  return silent.map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`));
}
