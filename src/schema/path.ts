// Paths inside configuration documents: printing them, and reading what they lead to.

/** Field names and list indices. */
export type FieldPath = readonly (string | number)[];

/** `["http", "routers", "a b", 0]` → `http.routers["a b"][0]`. */
export function formatPath(path: FieldPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[\w$@/-]+$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** The value a path leads to; undefined where it leads nowhere. */
export function valueAt(root: unknown, path: FieldPath): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

/** Tells whether something stands at the path, be it undefined. */
export function hasPath(root: unknown, path: FieldPath): boolean {
  const parent = valueAt(root, path.slice(0, -1));
  const last = path.at(-1);
  if (last === undefined) return root !== undefined;
  return typeof parent === "object" && parent !== null && Object.hasOwn(parent, last);
}

/** True for mappings as YAML, TOML and JSON give them. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
