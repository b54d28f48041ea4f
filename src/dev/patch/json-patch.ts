// JSON patch (RFC 6902).

import { copyJson, isList, isObject, sameJson, textAt } from "../json.ts";

/** What applying a patch gave: a value, or why it can't be applied. */
export type PatchResult = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string };

const failed = (why: string): PatchResult => ({ ok: false, why });

const COPY_LIMIT = 3 * 1024 * 1024; // characters of JSON; copies of copies would grow without end

/** What the operations of one patch have copied so far. */
interface Copied {
  size: number;
}

/** Applies the operations in order; the first one that fails refuses them all. `target` is left as it was. */
export function jsonPatch(target: unknown, operations: readonly unknown[]): PatchResult {
  let value = copyJson(target);
  const copied = { size: 0 };
  for (const operation of operations) {
    const result = applyOperation(value, operation, copied);
    if (!result.ok) return result;
    value = result.value;
  }
  return { ok: true, value };
}

function applyOperation(target: unknown, operation: unknown, copied: Copied): PatchResult {
  const name = textAt(operation, "op") ?? "";
  const path = pointer(textAt(operation, "path"));
  if (path === undefined || !isObject(operation)) return failed(`${name}: path must be a JSON pointer`);
  if (name === "remove") return change(target, path, remove);
  if (name === "move" || name === "copy") {
    return relocate(target, { name, from: pointer(textAt(operation, "from")), path }, copied);
  }
  if (!Object.hasOwn(operation, "value")) return failed(`${name}: value is missing`);
  const value = operation["value"];
  switch (name) {
    case "add":
      return change(target, path, (parent, key) => add(parent, key, value));
    case "replace":
      return change(target, path, (parent, key) => replace(parent, key, value));
    case "test":
      return sameJson(read(target, path), value) ? { ok: true, value: target } : failed("test failed");
    default:
      return failed(`unknown operation ${JSON.stringify(name)}`);
  }
}

interface Relocation {
  readonly name: "move" | "copy";
  readonly from: readonly string[] | undefined;
  readonly path: readonly string[];
}

function relocate(target: unknown, { name, from, path }: Relocation, copied: Copied): PatchResult {
  const moved = from === undefined ? undefined : read(target, from);
  if (from === undefined || moved === undefined) return failed(`${name}: from does not exist`);
  if (name === "copy") copied.size += JSON.stringify(moved).length;
  if (copied.size > COPY_LIMIT) return failed("copy: the copies are too large");
  const without = name === "move" ? change(target, from, remove) : { ok: true as const, value: target };
  return without.ok ? change(without.value, path, (parent, key) => add(parent, key, copyJson(moved))) : without;
}

/** `/a/b~1c/0` → `["a", "b/c", "0"]`; undefined when it is no pointer. */
function pointer(text: string | undefined): string[] | undefined {
  if (text === "") return [];
  if (text === undefined || !text.startsWith("/")) return undefined;
  return text.slice(1).split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function read(target: unknown, path: readonly string[]): unknown {
  let at = target;
  for (const key of path) {
    if (isList(at)) at = at[listIndex(key, at.length - 1) ?? -1];
    else at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at;
}

/** @returns what stands in the parent's place afterwards, or undefined when the operation does not fit */
type Edit = (parent: unknown, key: string) => unknown;

function change(target: unknown, path: readonly string[], edit: Edit): PatchResult {
  const key = path.at(-1);
  if (key === undefined) return failed("the whole document can't be replaced");
  const parent = read(target, path.slice(0, -1));
  return edit(parent, key) === undefined ? failed(`/${path.join("/")} does not fit`) : { ok: true, value: target };
}

function add(parent: unknown, key: string, value: unknown): unknown {
  if (isList(parent)) {
    const at = key === "-" ? parent.length : listIndex(key, parent.length);
    return at === undefined ? undefined : parent.splice(at, 0, value);
  }
  if (!isObject(parent)) return undefined;
  parent[key] = value;
  return parent;
}

function replace(parent: unknown, key: string, value: unknown): unknown {
  if (isList(parent)) {
    const at = listIndex(key, parent.length - 1);
    return at === undefined ? undefined : parent.splice(at, 1, value);
  }
  if (!isObject(parent) || !Object.hasOwn(parent, key)) return undefined;
  parent[key] = value;
  return parent;
}

function remove(parent: unknown, key: string): unknown {
  if (isList(parent)) {
    const at = listIndex(key, parent.length - 1);
    return at === undefined ? undefined : parent.splice(at, 1);
  }
  if (!isObject(parent) || !Object.hasOwn(parent, key)) return undefined;
  delete parent[key];
  return parent;
}

function listIndex(key: string, highest: number): number | undefined {
  if (!/^(0|[1-9]\d*)$/.test(key)) return undefined;
  const at = Number(key);
  return at <= highest ? at : undefined;
}
