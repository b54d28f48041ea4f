// Server-side apply: what a manager declares wins, and what it declared before and dropped goes away.

import { isList, isObject, type JsonObject } from "../json.ts";
import { mergePatch } from "./merge-patch.ts";
import { listMerge } from "./merge-keys.ts";
import { strategicPatch, type StrategicResult } from "./strategic-patch.ts";

/** The three states an apply works with. */
export interface ApplyInput {
  /** What is stored; an empty object when there is nothing yet. */
  readonly live: JsonObject;
  /** What the manager declares now. */
  readonly applied: JsonObject;
  /** What the same manager declared the last time. */
  readonly previous: JsonObject | undefined;
  /** Custom resources have no merge keys: their lists are replaced. */
  readonly custom: boolean;
}

/** The object after the apply. */
export function applyPatch({ live, applied, previous, custom }: ApplyInput): StrategicResult {
  const patch = previous === undefined ? applied : withRemovals(previous, applied, { path: [], custom });
  if (!custom) return strategicPatch(live, patch);
  const value = mergePatch(live, patch);
  return { ok: true, value: isObject(value) ? value : {} };
}

interface Place {
  readonly path: readonly string[];
  readonly custom: boolean;
}

/** A patch that sets what `next` holds and removes what only `before` held. */
export function withRemovals(before: JsonObject, next: JsonObject, place: Place): JsonObject {
  const patch: JsonObject = { ...next };
  for (const [key, value] of Object.entries(before)) {
    const after = next[key];
    const below = { ...place, path: [...place.path, key] };
    if (after === undefined) patch[key] = null;
    else if (isObject(value) && isObject(after)) patch[key] = withRemovals(value, after, below);
    else if (isList(value) && isList(after) && !place.custom) patch[key] = listRemovals(value, after, below);
  }
  return patch;
}

function listRemovals(before: readonly unknown[], next: readonly unknown[], place: Place): unknown[] {
  const merge = listMerge(place.path);
  if (typeof merge === "string") return [...next];
  const { key } = merge;
  const inBoth = next.map((item) => {
    const old = before.find((each) => isObject(each) && isObject(item) && each[key] === item[key]);
    return isObject(old) && isObject(item) ? withRemovals(old, item, place) : item;
  });
  const gone = before.filter((item) =>
    isObject(item) && !next.some((each) => isObject(each) && each[key] === item[key])
  );
  return [...inBoth, ...gone.map((item) => ({ $patch: "delete", [key]: isObject(item) ? item[key] : undefined }))];
}
