// The fields that an applied configuration declares, and what of it its schema does not know.

import { isList, isObject, type JsonObject } from "../json.ts";
import type { Schema } from "../kube/schema.ts";
import { type FieldSet, insertPath } from "./field-set.ts";
import { fieldElement, pathText } from "./path-element.ts";
import { fieldSchema, formOf, isNamedField, type ItemProblem, itemsOf, type Shape, shapeOf } from "./shape.ts";

/** What a configuration declares. */
export interface Declared {
  readonly fields: FieldSet;
  /** `.spec.bogus: field not declared in schema`, in the words of a real server. */
  readonly problems: readonly string[];
}

interface Walk {
  readonly fields: FieldSet;
  readonly problems: string[];
  readonly path: string[];
}

/** The set of fields of a configuration. */
export function declaredFields(schema: Schema, configuration: JsonObject): Declared {
  const walk: Walk = { fields: {}, problems: [], path: [] };
  visit(walk, schema, configuration);
  return { fields: walk.fields, problems: walk.problems };
}

function visit(walk: Walk, schema: Schema, value: unknown): void {
  const shape = shapeOf(schema);
  const form = formOf(shape, value);
  if (form === "leaf") {
    if (!fits(shape, value)) problem(walk, walk.path, `expected ${wantedForm(shape)}, got ${goValue(value)}`);
    insertPath(walk.fields, walk.path);
  } else if (form === "object") visitFields(walk, shape, isObject(value) ? value : {});
  else visitItems(walk, shape, value);
}

function fits(shape: Shape, value: unknown): boolean {
  if (value === null || value === undefined || shape.form === "leaf" || shape.form === "deduced") return true;
  return shape.form === "object" ? isObject(value) : isList(value);
}

function wantedForm(shape: Shape): string {
  return shape.form === "object" ? "map" : "list";
}

function goValue(value: unknown): string {
  return `&{${typeof value === "string" ? value : JSON.stringify(value)}}`;
}

function visitFields(walk: Walk, shape: Shape, value: JsonObject): void {
  for (const [name, item] of Object.entries(value)) {
    const schema = fieldSchema(shape, name);
    walk.path.push(fieldElement(name));
    if (schema === undefined) problem(walk, walk.path, "field not declared in schema");
    else {
      visit(walk, schema, item);
      const empty = item === null || (isObject(item) && Object.keys(item).length === 0);
      if (empty || !isNamedField(shape, name)) insertPath(walk.fields, walk.path);
    }
    walk.path.pop();
  }
}

function visitItems(walk: Walk, shape: Shape, list: unknown): void {
  const found = itemsOf(shape, list);
  if (!found.ok) {
    problem(walk, walk.path, itemText(found.problem));
    return;
  }
  const schema = shape.form === "list" ? shape.item : {};
  for (const [element, item] of found.items) {
    walk.path.push(element);
    visit(walk, schema, item);
    insertPath(walk.fields, walk.path);
    walk.path.pop();
  }
}

function itemText(problem: ItemProblem): string {
  if ("twice" in problem) return `duplicate entries for key ${pathText([problem.twice])}`;
  const field = JSON.stringify(problem.missing);
  return `element ${problem.at}: associative list with keys has an element that omits key field ${field} ` +
    "(and doesn't have default value)";
}

function problem(walk: Walk, path: readonly string[], message: string): void {
  walk.problems.push(path.length === 0 ? message : `${pathText(path)}: ${message}`);
}
