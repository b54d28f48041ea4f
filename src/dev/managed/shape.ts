// How ownership sees the values of a schema: as one leaf, field by field, or item by item.

import { objectMeta } from "../built-in/meta-types.ts";
import { isList, isObject, type JsonObject } from "../json.ts";
import type { Kind } from "../kube/kind.ts";
import type { Schema } from "../kube/schema.ts";
import { keyElement, valueElement } from "./path-element.ts";

/** A leaf is owned as a whole; the others by what is in them. */
export type Shape =
  | { readonly form: "leaf" }
  /** Free-form content: objects field by field, everything else as a whole. */
  | { readonly form: "deduced" }
  /** `rest`: the schema of names that are not among the fields; undefined: there are none. */
  | {
    readonly form: "object";
    readonly fields: Readonly<Record<string, Schema>>;
    readonly rest: Schema | undefined;
  }
  | { readonly form: "set" }
  | { readonly form: "list"; readonly keys: readonly string[]; readonly item: Schema };

const leaf: Shape = { form: "leaf" };
const deduced: Shape = { form: "deduced" };
const atomicSchema: Schema = {};
const deducedSchema: Schema = { "x-kubernetes-preserve-unknown-fields": true };

const shapes = new WeakMap<Schema, Shape>();

/** The shape of a schema's values. */
export function shapeOf(schema: Schema): Shape {
  const known = shapes.get(schema);
  if (known !== undefined) return known;
  const shape = readShape(schema);
  shapes.set(schema, shape);
  return shape;
}

function readShape(schema: Schema): Shape {
  const free = schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (schema["x-kubernetes-int-or-string"] === true) return leaf;
  if (schema.type === "array") return listShape(schema);
  if (schema.type !== "object" && schema.properties === undefined) return free ? deduced : leaf;
  if (schema["x-kubernetes-map-type"] === "atomic") return leaf;
  const { properties = {}, additionalProperties: values } = schema;
  return { form: "object", fields: properties, rest: restOf(schema, free, values) };
}

function restOf(schema: Schema, free: boolean, values: Schema | boolean | undefined): Schema | undefined {
  if (typeof values === "object") return values;
  if (free || schema["x-kubernetes-embedded-resource"] === true) return deducedSchema;
  return values === true || schema.properties === undefined ? atomicSchema : undefined;
}

function listShape(schema: Schema): Shape {
  const { items = atomicSchema } = schema;
  if (schema["x-kubernetes-list-type"] === "set") return { form: "set" };
  if (schema["x-kubernetes-list-type"] !== "map") return leaf;
  return { form: "list", keys: schema["x-kubernetes-list-map-keys"] ?? [], item: items };
}

/** The schema of a field of an object; undefined when there is no such field. */
export function fieldSchema(shape: Shape, name: string): Schema | undefined {
  if (shape.form === "deduced") return deducedSchema;
  if (shape.form !== "object") return undefined;
  return Object.hasOwn(shape.fields, name) ? shape.fields[name] : shape.rest;
}

/** Whether a field is declared by name, not as a key of a map. */
export function isNamedField(shape: Shape, name: string): boolean {
  return shape.form === "object" && Object.hasOwn(shape.fields, name);
}

/** The form in which to walk values: what does not have the form of its schema is a leaf. */
export function formOf(shape: Shape, ...values: readonly unknown[]): Exclude<Shape["form"], "deduced"> {
  const present = values.filter((value) => value !== undefined && value !== null);
  if (shape.form === "object" || shape.form === "deduced") {
    return present.every(isObject) ? formOfObject(shape, present) : "leaf";
  }
  if (shape.form === "leaf") return "leaf";
  return present.every(isList) ? shape.form : "leaf";
}

function formOfObject(shape: Shape, present: readonly unknown[]): "object" | "leaf" {
  return shape.form === "deduced" && present.length === 0 ? "leaf" : "object";
}

/** The items of a set or keyed list by their path elements, or what is wrong with them. */
export type Items =
  | { readonly ok: true; readonly items: ReadonlyMap<string, unknown> }
  | { readonly ok: false; readonly problem: ItemProblem };

/** An element that stands there twice, or an item that lacks one of the keys. */
export type ItemProblem = { readonly twice: string } | { readonly missing: string; readonly at: number };

const none: Items = { ok: true, items: new Map() };

/** Takes a list apart. */
export function itemsOf(shape: Shape, list: unknown): Items {
  if (!isList(list) || list.length === 0) return none;
  const items = new Map<string, unknown>();
  for (const [at, item] of list.entries()) {
    const element = elementOf(shape, item);
    if (!element.ok) return { ok: false, problem: { missing: element.missing, at } };
    if (items.has(element.text)) return { ok: false, problem: { twice: element.text } };
    items.set(element.text, item);
  }
  return { ok: true, items };
}

/** Ports of built-in kinds are told apart by number and protocol, and mostly say nothing of the latter. */
const keyDefaults: Readonly<Record<string, unknown>> = { protocol: "TCP" };

type Element = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly missing: string };

function elementOf(shape: Shape, item: unknown): Element {
  if (shape.form !== "list") return { ok: true, text: valueElement(item) };
  const keys: JsonObject = {};
  for (const key of shape.keys) {
    const given = isObject(item) ? item[key] : undefined;
    const value = given ?? shape.item.properties?.[key]?.default ?? keyDefaults[key];
    if (value === undefined) return { ok: false, missing: key };
    keys[key] = value;
  }
  return { ok: true, text: keyElement(keys) };
}

const text: Schema = { type: "string" };

const roots = new WeakMap<Kind, Schema>();

/** The schema of a kind's objects, with metadata as every object has it. */
export function objectSchema(kind: Kind): Schema {
  const known = roots.get(kind);
  if (known !== undefined) return known;
  const base: Schema = kind.schema ?? { type: "object", ...deducedSchema };
  const schema: Schema = {
    ...base,
    properties: { ...base.properties, apiVersion: text, kind: text, metadata: objectMeta },
  };
  roots.set(kind, schema);
  return schema;
}
