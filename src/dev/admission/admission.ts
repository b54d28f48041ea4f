// The gate every write passes: identity, types, schema, rules, defaults, in the order of a real server.

import type { Problem } from "../../schema/problem.ts";
import { fieldPath, isObject, type JsonObject, objectAt, textAt } from "../json.ts";
import { apiVersionOf, type Kind } from "../kube/kind.ts";
import { nameOf, namespaceOf } from "../kube/object.ts";
import { badRequest, type Cause, invalid, invalidNamed } from "../kube/status.ts";
import { safeHash } from "../hash.ts";
import { builtInCauses, checkTypes } from "./built-in-rules.ts";
import { withDefaults } from "./defaults.ts";
import { withoutNulls } from "./nulls.ts";
import { labelCauses, nameCauses } from "./names.ts";
import { isStructural, isUnknownField, prune, toCause, type ValidateObject } from "./schema-causes.ts";

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

/** @param validate knows the schemas of custom resources */
export function createAdmission(validate: ValidateObject): Admit {
  return (draft) => {
    checkIdentity(draft);
    checkTypes(draft.kind, draft.content);
    const named = withIdentity(draft.kind.custom ? draft : { ...draft, content: withoutNulls(draft.content) });
    const problems = !draft.kind.custom
      ? []
      : validate({ ...named, apiVersion: apiVersionOf(draft.kind), kind: draft.kind.kind });
    const unknown = problems.filter(isUnknownField).map((problem) => problem.path ?? []);
    const warnings = unknownFieldWarnings(draft, unknown.map(fieldPath));
    const object = withDefaults(draft.kind, prune(named, unknown), draft.previous);
    const causes: Cause[] = [
      ...nameCauses(draft.kind, nameOf(object)),
      ...labelCauses(objectAt(object, "metadata")),
      ...problems.filter(isStructural).map((problem) => toCause(problem, named)),
      ...builtInCauses(draft.kind, object),
    ];
    if (causes.length > 0) throw invalid(draft.kind, nameOf(object), causes);
    return { object, warnings: [...warnings, ...semanticWarnings(problems)] };
  };
}

/** What a URL says of an object, and the object. */
export type Identified = Pick<Draft, "kind" | "content" | "namespace" | "name">;

/** Kind, version, name and namespace must be those of the URL. @throws {StatusError} 400 or 422 */
export function checkIdentity({ kind, content, namespace, name }: Identified): void {
  const metadata = content["metadata"];
  if (metadata !== undefined && metadata !== null && !isObject(metadata)) {
    const found = Array.isArray(metadata) ? "array" : typeof metadata;
    throw badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: json: cannot unmarshal ` +
        `${found} into Go struct field ${kind.kind}.metadata of type v1.ObjectMeta`,
    );
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
      `${given ?? kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: no kind ` +
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

function unknownFieldWarnings({ kind, fieldValidation }: Draft, fields: readonly string[]): string[] {
  const texts = fields.map((field) => `unknown field "${field}"`);
  if (fieldValidation === "Ignore") return [];
  if (fieldValidation === "Warn" || texts.length === 0) return texts;
  throw badRequest(
    `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ` +
      `strict decoding error: ${texts.join(", ")}`,
  );
}

/** A real server would store these without a word; here the user hears of them. */
function semanticWarnings(problems: readonly Problem[]): string[] {
  const silent = problems.filter((problem) => !isStructural(problem) && !isUnknownField(problem));
  return silent.map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`));
}
