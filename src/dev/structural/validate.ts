// A value against a schema: every cause for which a real API server would refuse it, in its words.

import { isList, isObject, type JsonObject, sameJson } from "../json.ts";
import type { Schema } from "../kube/schema.ts";
import type { Cause } from "../kube/status.ts";
import { misfit, missing, outOfBounds, tooLong, tooMany, unsupported, wrongType } from "./cause.ts";
import { isInFormat } from "./formats.ts";
import { matchesPattern } from "./pattern.ts";
import { isOfType, typeOf, typesOf } from "./types.ts";

/** One value on its way through a schema. */
interface Place {
  readonly schema: Schema;
  readonly value: unknown;
  /** `spec.routes[0].match`; empty for the whole. */
  readonly field: string;
}

/** Everything that a schema refuses a value for. Fields that the schema does not have are no cause. */
export function schemaCauses(schema: Schema, value: unknown): Cause[] {
  const causes: Cause[] = [];
  check({ schema, value, field: "" }, causes);
  return causes;
}

function check(place: Place, causes: Cause[]): void {
  const { schema, value, field } = place;
  const types = typesOf(schema);
  if (value === null) {
    if (types.length > 0 && schema.nullable !== true) causes.push(wrongType(field, types.join(","), "null"));
    checkEnum(place, causes);
    return;
  }
  if (!isOfType(value, types)) causes.push(wrongType(field, types.join(","), typeOf(value)));
  checkAlternatives(place, causes);
  // A limit speaks of values of its own type only, whatever type the schema wants.
  if (typeof value === "string") checkText(schema, value, field, causes);
  else if (typeof value === "number") checkNumber(schema, value, field, causes);
  else if (isList(value)) checkList(schema, value, field, causes);
  else if (isObject(value)) checkObject(schema, value, field, causes);
  checkEnum(place, causes);
}

function checkEnum({ schema, value, field }: Place, causes: Cause[]): void {
  const { enum: options } = schema;
  if (options === undefined || options.some((option) => sameJson(option, value))) return;
  causes.push(unsupported(field, value, options));
}

/** The first limit that a text breaks is told. */
function checkText(schema: Schema, value: string, field: string, causes: Cause[]): void {
  const { maxLength, minLength, pattern, format } = schema;
  if (maxLength !== undefined || minLength !== undefined) {
    const length = [...value].length; // in characters, not in UTF-16 units
    if (maxLength !== undefined && length > maxLength) {
      causes.push(tooLong(field, maxLength));
      return;
    }
    if (minLength !== undefined && length < minLength) {
      causes.push(outOfBounds(field, value, `should be at least ${minLength} chars long`));
      return;
    }
  }
  if (pattern !== undefined && pattern !== "" && matchesPattern(pattern, value) === false) {
    causes.push(outOfBounds(field, value, `should match '${pattern}'`));
  }
  if (format !== undefined && !isInFormat(value, format)) {
    causes.push({ ...outOfBounds(field, value, `must be of type ${format}: ${JSON.stringify(value)}`), ...TYPE });
  }
}

const TYPE = { reason: "FieldValueTypeInvalid" } as const;

function checkNumber(schema: Schema, value: number, field: string, causes: Cause[]): void {
  const { multipleOf, maximum, minimum } = schema;
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
    causes.push(outOfBounds(field, value, `should be a multiple of ${multipleOf}`));
  }
  if (maximum !== undefined && (schema.exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    const orEqual = schema.exclusiveMaximum === true ? "" : " or equal to";
    causes.push(outOfBounds(field, value, `should be less than${orEqual} ${maximum}`));
  }
  if (minimum !== undefined && (schema.exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    const orEqual = schema.exclusiveMinimum === true ? "" : " or equal to";
    causes.push(outOfBounds(field, value, `should be greater than${orEqual} ${minimum}`));
  }
}

/** Fractions such as 0.1 are not exact: what is as good as a multiple is one. */
function isMultiple(value: number, of: number): boolean {
  const quotient = value / of;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

function checkList(schema: Schema, value: readonly unknown[], field: string, causes: Cause[]): void {
  const { items, minItems, maxItems } = schema;
  if (items !== undefined) {
    value.forEach((item, at) => check({ schema: items, value: item, field: `${field}[${at}]` }, causes));
  }
  if (minItems !== undefined && value.length < minItems) {
    causes.push(outOfBounds(field, value.length, `should have at least ${minItems} items`));
  }
  if (maxItems !== undefined && value.length > maxItems) causes.push(tooMany(field, value.length, maxItems));
  if (schema.uniqueItems === true && value.some((item, at) => value.slice(0, at).some((one) => sameJson(one, item)))) {
    causes.push(outOfBounds(field, value, "shouldn't contain duplicates"));
  }
}

function checkObject(schema: Schema, value: JsonObject, field: string, causes: Cause[]): void {
  const { properties = {}, additionalProperties, required = [], minProperties, maxProperties } = schema;
  const keys = Object.keys(value);
  if (minProperties !== undefined && keys.length < minProperties) {
    causes.push(outOfBounds(field, keys.length, `should have at least ${minProperties} properties`));
    return;
  }
  if (maxProperties !== undefined && keys.length > maxProperties) {
    causes.push(tooMany(field, keys.length, maxProperties));
    return;
  }
  const prefix = field === "" ? "" : `${field}.`;
  for (const key of keys) {
    const known = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (typeof known === "object") check({ schema: known, value: value[key], field: prefix + key }, causes);
  }
  for (const key of required) if (!Object.hasOwn(value, key)) causes.push(missing(prefix + key));
}

/** `anyOf`, `oneOf`, `allOf` and `not`: when none fits, the causes of the first are told, too. */
function checkAlternatives({ schema, value, field }: Place, causes: Cause[]): void {
  const { anyOf = [], oneOf = [], allOf = [], not } = schema;
  const causesOf = (each: Schema): Cause[] => {
    const found: Cause[] = [];
    check({ schema: each, value, field }, found);
    return found;
  };
  if (anyOf.length > 0) checkAny(anyOf.map(causesOf), field, causes);
  if (oneOf.length > 0) checkOne(oneOf.map(causesOf), field, causes);
  if (allOf.length > 0) checkAll(allOf.map(causesOf), field, causes);
  if (not !== undefined && causesOf(not).length === 0) causes.push(misfit(field, "must not validate the schema (not)"));
}

function checkAny(results: readonly Cause[][], field: string, causes: Cause[]): void {
  if (results.some((found) => found.length === 0)) return;
  causes.push(misfit(field, "must validate at least one schema (anyOf)"), ...results[0] ?? []);
}

function checkOne(results: readonly Cause[][], field: string, causes: Cause[]): void {
  const fitting = results.filter((found) => found.length === 0).length;
  const only = "must validate one and only one schema (oneOf).";
  if (fitting === 0) causes.push(misfit(field, `${only} Found none valid`), ...results[0] ?? []);
  if (fitting > 1) causes.push(misfit(field, `${only} Found ${fitting} valid alternatives`));
}

function checkAll(results: readonly Cause[][], field: string, causes: Cause[]): void {
  const failed = results.filter((found) => found.length > 0);
  if (failed.length === 0) return;
  const none = failed.length === results.length ? ". None validated" : "";
  causes.push(misfit(field, `must validate all the schemas (allOf)${none}`), ...failed.flat());
}
