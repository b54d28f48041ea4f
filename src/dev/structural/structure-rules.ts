// What makes a schema structural: types are named, every field has one place, defaults fit.

import { isList, isObject, type JsonObject, listAt, sameJson, textAt, valueAt } from "../json.ts";
import { type Cause, invalidValue } from "../kube/status.ts";
import { forbiddenField, missing, unsupported } from "./cause.ts";
import { goQuote, goValue } from "./go-value.ts";
import { patternMistake } from "./pattern.ts";
import { toSchema } from "./to-schema.ts";
import { schemaCauses } from "./validate.ts";

type Role = "at the root" | "for specified object fields" | "for specified array items";

const TYPES = ["array", "boolean", "integer", "number", "object", "string"];
/** Schemas in schemas that a definition may not have at all. */
const NEVER = ["$ref", "definitions", "dependencies", "additionalItems", "patternProperties", "id"];
/** What alternatives (`anyOf` and the like) may not say: it belongs to the schema around them. */
const OUTSIDE = ["type", "description", "title", "default", "nullable", "additionalProperties"];
const DEEPEST = 100; // levels; a definition of a real kind has fewer than thirty

/** Everything that is wrong with the schema of a version. */
export function structureCauses(schema: JsonObject, field: string): Cause[] {
  const causes: Cause[] = [];
  if (textAt(schema, "type") !== undefined && textAt(schema, "type") !== "object") {
    causes.push(invalidValue(`${field}.type`, goQuote(textAt(schema, "type") ?? ""), "must be object at the root"));
  }
  walk(schema, { field, role: "at the root", depth: 0 }, causes);
  return causes;
}

interface Place {
  readonly field: string;
  readonly role: Role;
  readonly depth: number;
}

function walk(schema: JsonObject, place: Place, causes: Cause[]): void {
  const { field, depth } = place;
  if (depth > DEEPEST) {
    causes.push(forbiddenField(field, `a schema may not be nested deeper than ${DEEPEST} levels`));
    return;
  }
  checkType(schema, place, causes);
  checkKeywords(schema, field, causes);
  checkDefault(schema, field, causes);
  for (const key of ["allOf", "anyOf", "oneOf"]) {
    listAt(schema, key).forEach((each, at) => checkAlternative(schema, each, `${field}.${key}[${at}]`, causes));
  }
  const not = schema["not"];
  if (isObject(not)) checkAlternative(schema, not, `${field}.not`, causes);
  walkChildren(schema, place, causes);
}

function walkChildren(schema: JsonObject, { field, depth }: Place, causes: Cause[]): void {
  const properties = schema["properties"];
  const additional = schema["additionalProperties"];
  const items = schema["items"];
  if (isObject(properties)) {
    for (const [key, each] of Object.entries(properties)) {
      const inner = {
        field: `${field}.properties[${key}]`,
        role: "for specified object fields",
        depth: depth + 1,
      } as const;
      if (isObject(each)) walk(each, inner, causes);
    }
    if (additional !== undefined && additional !== false && Object.keys(properties).length > 0) {
      causes.push(
        forbiddenField(`${field}.additionalProperties`, "additionalProperties and properties are mutual exclusive"),
      );
    }
  }
  if (isObject(additional)) {
    const inner = {
      field: `${field}.additionalProperties`,
      role: "for specified object fields",
      depth: depth + 1,
    } as const;
    walk(additional, inner, causes);
  }
  if (isList(items)) causes.push(forbiddenField(`${field}.items`, "items must be a schema object and not an array"));
  if (isObject(items)) {
    walk(items, { field: `${field}.items`, role: "for specified array items", depth: depth + 1 }, causes);
  }
}

function checkType(schema: JsonObject, { field, role }: Place, causes: Cause[]): void {
  const type = textAt(schema, "type") ?? "";
  const intOrString = schema["x-kubernetes-int-or-string"] === true;
  const keepsAll = schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (type === "") {
    const isFree = intOrString || (keepsAll && role !== "at the root");
    if (!isFree) causes.push(missing(`${field}.type`, `must not be empty ${role}`));
  } else if (intOrString) {
    causes.push(invalidValue(`${field}.x-kubernetes-int-or-string`, "true", "type must be empty if it is set"));
  } else if (!TYPES.includes(type)) {
    causes.push(unsupported(`${field}.type`, type, TYPES));
  }
  const needsItems = type === "array" && !keepsAll;
  if (needsItems && !isObject(schema["items"])) causes.push(missing(`${field}.items`, "must be specified"));
}

function checkKeywords(schema: JsonObject, field: string, causes: Cause[]): void {
  for (const key of NEVER) {
    if (schema[key] !== undefined) causes.push(forbiddenField(`${field}.${key}`, `${key} is not supported`));
  }
  if (schema["uniqueItems"] === true) {
    const why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
    causes.push(forbiddenField(`${field}.uniqueItems`, why));
  }
  const pattern = textAt(schema, "pattern");
  const mistake = pattern === undefined ? undefined : patternMistake(pattern);
  if (mistake !== undefined) {
    const why = `must be a valid regular expression, but isn't: ${mistake}`;
    causes.push(invalidValue(`${field}.pattern`, goValue(pattern), why));
  }
  const listType = textAt(schema, "x-kubernetes-list-type");
  if (listType !== undefined) checkListType(schema, listType, field, causes);
}

function checkListType(schema: JsonObject, listType: string, field: string, causes: Cause[]): void {
  const known = ["atomic", "set", "map"];
  const keysField = `${field}.x-kubernetes-list-map-keys`;
  const keys = textListAt(schema, "x-kubernetes-list-map-keys");
  if (!known.includes(listType)) causes.push(unsupported(`${field}.x-kubernetes-list-type`, listType, known));
  if (listType === "map" && keys.length === 0) {
    causes.push(missing(keysField, "must not be empty if x-kubernetes-list-type is map"));
  }
  for (const key of keys) {
    const isRequired = textListAt(schema, "items", "required").includes(key);
    if (isRequired || valueAt(schema, "items", "properties", key, "default") !== undefined) continue;
    causes.push(
      missing(
        `${field}.items.properties[${key}].default`,
        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
      ),
    );
  }
}

/** A default must fit the schema that it is the default of. */
function checkDefault(schema: JsonObject, field: string, causes: Cause[]): void {
  const value = schema["default"];
  if (value === undefined) return;
  for (const cause of schemaCauses(toSchema(schema), value)) {
    const place = cause.field.startsWith("<") ? "" : cause.field;
    causes.push({ ...cause, field: `${field}.default${place === "" || place.startsWith("[") ? place : `.${place}`}` });
  }
}

const intOrStringForm = [{ type: "integer" }, { type: "string" }];

/** Alternatives only narrow what the schema around them says. */
function checkAlternative(around: JsonObject, each: unknown, field: string, causes: Cause[]): void {
  if (!isObject(each)) return;
  if (around["x-kubernetes-int-or-string"] === true && sameJson(around["anyOf"], intOrStringForm)) return;
  if (isIntOrStringPart(around, each)) return;
  for (const key of OUTSIDE) {
    if (each[key] === undefined) continue;
    causes.push(forbiddenField(`${field}.${key}`, "must be empty to be structural"));
  }
}

/** The other form: `allOf: [{anyOf: [integer, string]}, …]`. */
function isIntOrStringPart(around: JsonObject, each: JsonObject): boolean {
  return around["x-kubernetes-int-or-string"] === true && sameJson(each["anyOf"], intOrStringForm);
}

function textListAt(value: unknown, ...path: readonly string[]): string[] {
  return listAt(value, ...path).filter((item) => typeof item === "string");
}
