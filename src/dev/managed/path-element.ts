// One step of a field's path as `managedFields` writes it: `f:name`, `k:{"port":80}`, `v:"value"`, and as messages do.

import { isObject, type JsonObject } from "../json.ts";

/** A named field, or a key of a map. */
export function fieldElement(name: string): string {
  return `f:${name}`;
}

/** An item of a set. */
export function valueElement(value: unknown): string {
  return `v:${JSON.stringify(value)}`;
}

/** An item of a list whose items are told apart by fields. @param keys the fields with their values */
export function keyElement(keys: JsonObject): string {
  const sorted: JsonObject = {};
  for (const name of Object.keys(keys).sort()) sorted[name] = keys[name];
  return `k:${JSON.stringify(sorted)}`;
}

/** `.spec.ports[port=80,protocol="TCP"].name`, as messages name a path. */
export function pathText(path: readonly string[]): string {
  return path.map(elementText).join("");
}

function elementText(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith("f:")) return `.${rest}`;
  if (element.startsWith("k:")) return keyText(keysOf(element));
  return element.startsWith("v:") ? `[=${rest}]` : `[${rest}]`;
}

/** `[port=80,protocol="TCP"]` */
export function keyText(keys: JsonObject): string {
  const parts = Object.keys(keys).sort().map((name) => `${name}=${JSON.stringify(keys[name])}`);
  return `[${parts.join(",")}]`;
}

function keysOf(element: string): JsonObject {
  const keys = jsonOf(element.slice(2));
  return isObject(keys) ? keys : {};
}

function jsonOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined; // a client wrote the element
  }
}

/** Whether a text is a path element with a value that can be read. */
export function isElement(text: string): boolean {
  if (text.startsWith("f:")) return true;
  if (text.startsWith("k:")) return isObject(jsonOf(text.slice(2)));
  if (text.startsWith("v:")) return jsonOf(text.slice(2)) !== undefined;
  return /^i:\d+$/.test(text);
}

const RANKS = [".", "f", "k", "v", "i"];

/** The order of elements: fields by name, items by the values of their keys, numbers as numbers. */
export function compareElements(left: string, right: string): number {
  const byType = RANKS.indexOf(left[0] ?? "") - RANKS.indexOf(right[0] ?? "");
  if (byType !== 0) return byType;
  if (!left.startsWith("k:")) return left < right ? -1 : left > right ? 1 : 0;
  const [mine, other] = [keysOf(left), keysOf(right)];
  for (const name of Object.keys(mine).sort()) {
    const order = compareValues(mine[name], other[name]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(left: unknown, right: unknown): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  const [mine, other] = [String(left), String(right)];
  return mine < other ? -1 : mine > other ? 1 : 0;
}
