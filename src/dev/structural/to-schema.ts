// The schema of a definition, as it stands in JSON, as a value with types.

import { isList, isObject, type JsonObject } from "../json.ts";
import type { Schema } from "../kube/schema.ts";

/** Keeps what a schema may say and drops members of another type: those a server refuses, or does not know. */
export function toSchema(given: JsonObject): Schema {
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(given)) {
    const read = readers[key];
    const member = read === undefined ? undefined : read(value);
    if (member !== undefined) kept.push([key, member]);
  }
  return Object.fromEntries(kept);
}

type Reader = (value: unknown) => unknown;

const text: Reader = (value) => typeof value === "string" ? value : undefined;
const flag: Reader = (value) => typeof value === "boolean" ? value : undefined;
const number: Reader = (value) => typeof value === "number" ? value : undefined;
const list: Reader = (value) => isList(value) ? value : undefined;
const texts: Reader = (value) => isList(value) ? value.filter((item) => typeof item === "string") : undefined;
const anything: Reader = (value) => value;
const schema: Reader = (value) => isObject(value) ? toSchema(value) : undefined;
const schemaOrFlag: Reader = (value) => typeof value === "boolean" ? value : schema(value);
const schemas: Reader = (value) => isList(value) ? value.filter(isObject).map(toSchema) : undefined;

const schemaMap: Reader = (value) => {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => isObject(each) ? [[key, toSchema(each)]] : []),
  );
};

const readers: Readonly<Record<string, Reader>> = {
  type: text,
  description: text,
  properties: schemaMap,
  additionalProperties: schemaOrFlag,
  items: schema,
  required: texts,
  enum: list,
  default: anything,
  nullable: flag,
  format: text,
  pattern: text,
  minimum: number,
  maximum: number,
  exclusiveMinimum: flag,
  exclusiveMaximum: flag,
  multipleOf: number,
  minLength: number,
  maxLength: number,
  minItems: number,
  maxItems: number,
  uniqueItems: flag,
  minProperties: number,
  maxProperties: number,
  anyOf: schemas,
  oneOf: schemas,
  allOf: schemas,
  not: schema,
  "x-kubernetes-int-or-string": flag,
  "x-kubernetes-preserve-unknown-fields": flag,
  "x-kubernetes-embedded-resource": flag,
  "x-kubernetes-list-type": text,
  "x-kubernetes-list-map-keys": texts,
  "x-kubernetes-map-type": text,
  "x-kubernetes-validations": list,
};
