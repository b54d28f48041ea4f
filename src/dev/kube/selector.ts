// Label and field selectors of lists and watches, and the selectors inside objects.

import type { Labels } from "../../schema/label-selector.ts";
import { isObject, type JsonObject, listAt, textAt, textsAt, valueAt } from "../json.ts";
import type { Kind } from "./kind.ts";
import { labelSelector } from "./label-selector.ts";
import { type KubeObject, namespaceOf } from "./object.ts";
import { badRequest } from "./status.ts";

/** Answers whether an object is selected. */
export type Selector = (object: KubeObject) => boolean;

const EQUAL = /^([^=!]+?)(==|=|!=)(.*)$/;

/** Fields that every kind can be selected by. */
const common: Readonly<Record<string, readonly string[]>> = {
  "metadata.name": ["metadata", "name"],
  "metadata.namespace": ["metadata", "namespace"],
};

const event = {
  "involvedObject.apiVersion": ["involvedObject", "apiVersion"],
  "involvedObject.fieldPath": ["involvedObject", "fieldPath"],
  "involvedObject.kind": ["involvedObject", "kind"],
  "involvedObject.name": ["involvedObject", "name"],
  "involvedObject.namespace": ["involvedObject", "namespace"],
  "involvedObject.resourceVersion": ["involvedObject", "resourceVersion"],
  "involvedObject.uid": ["involvedObject", "uid"],
  "reason": ["reason"],
  "reportingComponent": ["reportingComponent"],
  "source": ["source", "component"],
  "type": ["type"],
} as const;

/** What built-in kinds can be selected by besides; a kind that is not listed here answers unknown fields in other words. */
const fieldsOfKinds: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Event: event,
  Namespace: { "status.phase": ["status", "phase"] },
  Node: { "spec.unschedulable": ["spec", "unschedulable"] },
  Pod: {
    "spec.hostNetwork": ["spec", "hostNetwork"],
    "spec.nodeName": ["spec", "nodeName"],
    "spec.restartPolicy": ["spec", "restartPolicy"],
    "spec.schedulerName": ["spec", "schedulerName"],
    "spec.serviceAccountName": ["spec", "serviceAccountName"],
    "status.nominatedNodeName": ["status", "nominatedNodeName"],
    "status.phase": ["status", "phase"],
    "status.podIP": ["status", "podIP"],
  },
  ReplicaSet: { "status.replicas": ["status", "replicas"] },
  ReplicationController: { "status.replicas": ["status", "replicas"] },
  Secret: { type: ["type"] },
  Service: { "spec.clusterIP": ["spec", "clusterIP"], "spec.type": ["spec", "type"] },
};

/**
 * Parses `metadata.name=x,status.phase!=y`.
 * @param kind decides which fields there are
 * @throws {StatusError} 400 for a field that can't be selected by
 */
export function fieldSelector(text: string, kind: Pick<Kind, "kind" | "custom">): Selector {
  const tests = text.split(",").filter((part) => part !== "").map((part): Selector => {
    const match = EQUAL.exec(part);
    if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    const [, field = "", operator = "", value = ""] = match;
    const path = fieldPathOf(field, kind);
    return (object) => (textOf(valueAt(object, ...path)) === value) !== (operator === "!=");
  });
  return (object) => tests.every((test) => test(object));
}

/** Booleans and numbers are compared as text; what is absent is empty. */
function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

function fieldPathOf(field: string, { kind, custom }: Pick<Kind, "kind" | "custom">): readonly string[] {
  const own = custom ? undefined : fieldsOfKinds[kind];
  const path = Object.hasOwn(common, field) ? common[field] : own && Object.hasOwn(own, field) ? own[field] : undefined;
  if (path !== undefined) return path;
  if (custom || own !== undefined) throw badRequest(`field label not supported: ${field}`);
  throw badRequest(
    `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

/** The selector of a list or watch request: namespace, labels and fields together. */
export function requestSelector(kind: Kind, namespace: string, query: URLSearchParams): Selector {
  const byLabels = labelSelector(query.get("labelSelector") ?? "");
  const byFields = fieldSelector(query.get("fieldSelector") ?? "", kind);
  return (object) =>
    (namespace === "" || namespaceOf(object) === namespace) && byLabels(labelsOf(object)) && byFields(object);
}

/** The one name that `fieldSelector` allows, as authorisation sees it; undefined when it allows more. */
export function selectedName(query: URLSearchParams): string | undefined {
  const names = (query.get("fieldSelector") ?? "").split(",").flatMap((part) => {
    const [, field, operator, value] = EQUAL.exec(part) ?? [];
    return field === "metadata.name" && operator !== "!=" && value !== undefined ? [value] : [];
  });
  return names[0];
}

/** Labels of an object. */
export function labelsOf(object: JsonObject): Labels {
  return textsAt(object, "metadata", "labels");
}

/** Whether labels carry every pair of a plain selector (a Service's). An empty selector selects nothing. */
export function matchesPairs(pairs: Labels, labels: Labels): boolean {
  const wanted = Object.entries(pairs);
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

/** Whether labels match a `{matchLabels, matchExpressions}` selector. An empty one matches everything. */
export function matchesSelector(selector: unknown, labels: Labels): boolean {
  if (!isObject(selector)) return false;
  const pairs = Object.entries(textsAt(selector, "matchLabels"));
  return pairs.every(([key, value]) => labels[key] === value) &&
    listAt(selector, "matchExpressions").every((expression) => matchesExpression(expression, labels));
}

function matchesExpression(expression: unknown, labels: Labels): boolean {
  const value = labels[textAt(expression, "key") ?? ""];
  const values = listAt(expression, "values");
  switch (valueAt(expression, "operator")) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false;
  }
}
