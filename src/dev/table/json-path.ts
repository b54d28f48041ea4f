// The part of JSONPath that printer columns use: `.spec.hosts[0]`, `.status.conditions[?(@.type=="Ready")].status`.

import { isObject, listAt, valueAt } from "../json.ts";

const TOKEN = /\.([^.[\]]+)|\['((?:[^'\\]|\\.)+)'\]|\[(\d+|\*)\]|\[\?\(@\.([\w.]+)\s*==\s*["']([^"']*)["']\)\]/y;

/** @returns what stands at the path: of several values the first, as real servers print it; or undefined */
export function readJsonPath(value: unknown, path: string): unknown {
  let found = [value];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < path.length) {
    const token = TOKEN.exec(path);
    if (token === null) return undefined;
    found = found.flatMap((each) => step(each, token)).filter((each) => each !== undefined);
  }
  return found[0];
}

function step(value: unknown, [, plain, quoted, index, field, wanted]: RegExpExecArray): unknown[] {
  const name = plain ?? quoted?.replaceAll("\\", "");
  if (name !== undefined) return [valueAt(value, name)];
  if (index === "*") return isObject(value) ? Object.values(value) : [...listAt(value)];
  if (index !== undefined) return [valueAt(value, Number(index))];
  const path = (field ?? "").split(".");
  return listAt(value).filter((item) => String(valueAt(item, ...path)) === wanted);
}
