// What an apply is told that would take fields from other managers.

import { type Cause, StatusError } from "../kube/status.ts";
import type { Owner } from "./entries.ts";
import { type FieldSet, pathsOf } from "./field-set.ts";
import { pathText } from "./path-element.ts";

/** Fields of one owner that an apply wants to change. */
export interface Conflict {
  readonly owner: Owner;
  readonly fields: FieldSet;
}

/** 409: every field in conflict, and whose it is. */
export function conflictError(conflicts: readonly Conflict[]): StatusError {
  const sorted = [...conflicts].sort((left, right) => (managerKey(left.owner) < managerKey(right.owner) ? -1 : 1));
  const told = sorted.map(({ owner, fields }) => ({ who: managerText(owner), paths: pathsOf(fields).map(pathText) }));
  const causes = told.flatMap(({ who, paths }): Cause[] =>
    paths.map((field) => ({ reason: "FieldManagerConflict", message: `conflict with ${who}`, field }))
  );
  const [first] = causes;
  const list = told.map(({ who, paths }) => [`conflicts with ${who}:`, ...paths.map((path) => `- ${path}`)].join("\n"));
  const text = causes.length === 1 && first !== undefined
    ? `1 conflict: ${first.message}: ${first.field}`
    : `${causes.length} conflicts: ${list.join("\n")}`;
  return new StatusError(409, "Conflict", `Apply failed with ${text}`, { causes });
}

function managerKey({ name, operation, apiVersion, subresource }: Owner): string {
  return JSON.stringify([name, operation, apiVersion, subresource]);
}

/** Times are left out, as a real server of 1.26 does. */
function managerText({ name, operation, apiVersion, subresource }: Owner): string {
  const part = subresource === "" ? "" : ` with subresource ${JSON.stringify(subresource)}`;
  return `${JSON.stringify(name)}${part}${operation === "Update" ? ` using ${apiVersion}` : ""}`;
}
