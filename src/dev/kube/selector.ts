// Label and field selectors of lists and watches, and the selectors inside objects.

import { isObject, type JsonObject, listAt, textAt, textsAt, valueAt } from "../json.ts";
import { type KubeObject, namespaceOf } from "./object.ts";
import { badRequest } from "./status.ts";

/** Answers whether an object is selected. */
export type Selector = (object: KubeObject) => boolean;

/** Labels by name. */
export type Labels = Readonly<Record<string, string>>;

type Requirement = (labels: Labels) => boolean;

const SET = /^\s*([^\s!=<>()]+)\s+(in|notin)\s*\(([^)]*)\)\s*$/;
const EQUAL = /^\s*([^\s!=]+)\s*(==|=|!=)\s*(\S*)\s*$/;
const EXISTS = /^\s*(!?)\s*([^\s!=()]+)\s*$/;

/**
 * Parses `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
 * @throws {StatusError} 400 when it can't be read
 */
export function labelSelector(text: string): Requirement {
  const parts = text.split(/,(?![^(]*\))/).filter((part) => part.trim() !== "");
  const requirements = parts.map((part) => requirementOf(part, text));
  return (labels) => requirements.every((holds) => holds(labels));
}

function requirementOf(part: string, whole: string): Requirement {
  const set = SET.exec(part);
  if (set !== null) {
    const [, key = "", operator = "", list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    const wanted = operator === "in";
    return (labels) => {
      const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
      return value === undefined ? !wanted : values.includes(value) === wanted;
    };
  }
  const equal = EQUAL.exec(part);
  if (equal !== null) {
    const [, key = "", operator = "", value = ""] = equal;
    return operator === "!=" ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const exists = EXISTS.exec(part);
  if (exists === null) throw badRequest(`unable to parse requirement: found '${part.trim()}' in "${whole}"`);
  const [, not = "", key = ""] = exists;
  return (labels) => Object.hasOwn(labels, key) === (not === "");
}

/** Other names that fields have in selectors than in objects. */
const fieldPaths: Readonly<Record<string, readonly string[]>> = {
  "metadata.name": ["metadata", "name"],
  "metadata.namespace": ["metadata", "namespace"],
  "status.phase": ["status", "phase"],
  "spec.nodeName": ["spec", "nodeName"],
  "status.podIP": ["status", "podIP"],
  "type": ["type"],
  "reason": ["reason"],
  "involvedObject.name": ["involvedObject", "name"],
  "involvedObject.namespace": ["involvedObject", "namespace"],
  "involvedObject.kind": ["involvedObject", "kind"],
  "involvedObject.uid": ["involvedObject", "uid"],
};

/**
 * Parses `metadata.name=x,status.phase!=y`.
 * @throws {StatusError} 400 for a field that can't be selected by
 */
export function fieldSelector(text: string): Selector {
  const tests = text.split(",").filter((part) => part.trim() !== "").map((part): Selector => {
    const match = EQUAL.exec(part);
    if (match === null) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
    const [, field = "", operator = "", value = ""] = match;
    const path = fieldPaths[field];
    if (path === undefined) throw badRequest(`field label not supported: ${field}`);
    return (object) => ((textAt(object, ...path) ?? "") === value) !== (operator === "!=");
  });
  return (object) => tests.every((test) => test(object));
}

/** The selector of a list or watch request: namespace, labels and fields together. */
export function requestSelector(namespace: string, query: URLSearchParams): Selector {
  const byLabels = labelSelector(query.get("labelSelector") ?? "");
  const byFields = fieldSelector(query.get("fieldSelector") ?? "");
  return (object) =>
    (namespace === "" || namespaceOf(object) === namespace) && byLabels(labelsOf(object)) && byFields(object);
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
