// JSON values of unknown shape: narrowing, reading along a path, comparing, copying.

/** A JSON object of unknown shape. */
export interface JsonObject {
  [key: string]: unknown;
}

/** One step into a JSON value. */
export type Step = string | number;

/** True for what JSON calls an object: not null, not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Like `Array.isArray`, without letting `any` in. */
export function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

/** The value at a path, or undefined where the path ends early. */
export function valueAt(value: unknown, ...path: readonly Step[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof step === "number") at = isList(at) ? at[step] : undefined;
    else at = isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return at;
}

/** The object at a path; an empty one where there is none. */
export function objectAt(value: unknown, ...path: readonly Step[]): JsonObject {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : {};
}

/** The list at a path; an empty one where there is none. */
export function listAt(value: unknown, ...path: readonly Step[]): readonly unknown[] {
  const found = valueAt(value, ...path);
  return isList(found) ? found : [];
}

/** The text at a path, or undefined. */
export function textAt(value: unknown, ...path: readonly Step[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** The number at a path, or undefined. */
export function numberAt(value: unknown, ...path: readonly Step[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "number" ? found : undefined;
}

/** The texts of an object of texts at a path (labels, selectors); everything else in it is left out. */
export function textsAt(value: unknown, ...path: readonly Step[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [key, text] of Object.entries(objectAt(value, ...path))) if (typeof text === "string") texts[key] = text;
  return texts;
}

/** Deep equality; the order of keys does not matter, and a key holding undefined counts as absent. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (isList(left)) {
    return isList(right) && left.length === right.length && left.every((item, at) => sameJson(item, right[at]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const key of keys) if (!sameJson(left[key], right[key])) return false;
  return true;
}

/** A deep copy that shares nothing. */
export function copyJson<T>(value: T): T {
  return structuredClone(value);
}

/** The text of a value with keys in order, so that equal values have equal texts. */
export function stableText(value: unknown): string {
  if (isList(value)) return `[${value.map(stableText).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "null";
  const keys = Object.keys(value).filter((key) => value[key] !== undefined).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${stableText(value[key])}`).join(",")}}`;
}

/** `spec.routes[0].match`, as Kubernetes writes field paths. */
export function fieldPath(path: readonly Step[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}
