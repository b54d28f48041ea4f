// Sets of fields in the form in which `managedFields` keeps them (FieldsV1), and the algebra on them.

import { compareElements } from "./path-element.ts";

/**
 * A tree of path elements. A node without children is a member of the set; one with children is when it holds `.`.
 *
 *     {"f:spec":{"f:ports":{".":{},"k:{\"port\":80}":{"f:name":{}}}}}   →   spec.ports, spec.ports[port=80].name
 */
export interface FieldSet {
  [element: string]: FieldSet;
}

const SELF = ".";

/** Whether the root of a set holds anything. */
export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether the path that leads to a node is in the set. */
function isMember(node: FieldSet): boolean {
  return isEmptySet(node) || SELF in node;
}

/** Adds a path to a set, in place. */
export function insertPath(set: FieldSet, path: readonly string[]): void {
  let node = set;
  for (let at = 0; at < path.length; at++) {
    const element = path[at] ?? "";
    const next = node[element];
    if (next === undefined) {
      node = node[element] = {};
      continue;
    }
    const last = at === path.length - 1;
    if (last ? !isMember(next) : isEmptySet(next)) next[SELF] = {};
    node = next;
  }
}

/** A node of these children, or undefined when nothing is left of it. */
function nodeOf(member: boolean, children: FieldSet): FieldSet | undefined {
  if (isEmptySet(children)) return member ? {} : undefined;
  return member ? { [SELF]: {}, ...children } : children;
}

/** What is in either set. */
export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(left)) return right;
  return isEmptySet(right) ? left : mergeChildren(left, right);
}

function mergeChildren(left: FieldSet, right: FieldSet): FieldSet {
  const merged: FieldSet = {};
  for (const element of Object.keys(left)) {
    const [mine, other] = [left[element], right[element]];
    if (element === SELF || mine === undefined) continue;
    const both = other === undefined ? mine : nodeOf(isMember(mine) || isMember(other), mergeChildren(mine, other));
    if (both !== undefined) merged[element] = both;
  }
  for (const element of Object.keys(right)) {
    const other = right[element];
    if (element !== SELF && other !== undefined && !(element in left)) merged[element] = other;
  }
  return merged;
}

/** What is in the left set only; a member on the right takes nothing below itself along. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  return combine(left, right, (mine, other) => mine && !other);
}

/** What is in both sets. */
export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  return combine(left, right, (mine, other) => mine && other, false);
}

/** @param keepAlone what happens to branches of the left set that the right one does not have */
function combine(
  left: FieldSet,
  right: FieldSet,
  stays: (mine: boolean, other: boolean) => boolean,
  keepAlone = true,
): FieldSet {
  const result: FieldSet = {};
  for (const element of Object.keys(left)) {
    const [mine, other] = [left[element], right[element]];
    if (element === SELF || mine === undefined) continue;
    const alone = keepAlone ? mine : undefined;
    const node = other === undefined
      ? alone
      : nodeOf(stays(isMember(mine), isMember(other)), combine(mine, other, stays, keepAlone));
    if (node !== undefined) result[element] = node;
  }
  return result;
}

/** What is in the left set only; a member on the right takes everything below itself along. */
export function withoutBranches(left: FieldSet, right: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const element of Object.keys(left)) {
    const [mine, other] = [left[element], right[element]];
    if (element === SELF || mine === undefined) continue;
    if (other === undefined) result[element] = mine;
    else if (!isMember(other)) {
      const node = nodeOf(isMember(mine), withoutBranches(mine, other));
      if (node !== undefined) result[element] = node;
    }
  }
  return result;
}

/** Whether a one-element path is in a set. */
export function hasElement(set: FieldSet, element: string): boolean {
  const node = set[element];
  return node !== undefined && isMember(node);
}

/** Rebuilds a set: `visit` says for each node whether it is a member. */
export function mapMembers(
  set: FieldSet,
  visit: (element: string, member: boolean, path: readonly string[]) => boolean,
  path: readonly string[] = [],
): FieldSet {
  const result: FieldSet = {};
  for (const [element, node] of Object.entries(set)) {
    if (element === SELF) continue;
    const children = mapMembers(node, visit, [...path, element]);
    const kept = nodeOf(visit(element, isMember(node), path), children);
    if (kept !== undefined) result[element] = kept;
  }
  return result;
}

/** The paths of a set in the order in which a real server lists them: what ends at a level, then what is below. */
export function pathsOf(set: FieldSet, before: readonly string[] = []): string[][] {
  const ends: string[][] = [];
  const below: string[][] = [];
  for (const element of Object.keys(set).sort(compareElements)) {
    const node = set[element];
    if (node === undefined || element === SELF) continue;
    const path = [...before, element];
    if (isMember(node)) ends.push(path);
    below.push(...pathsOf(node, path));
  }
  return [...ends, ...below];
}

/** The same set with its elements in the order in which a real server writes them. */
export function sortedSet(set: FieldSet): FieldSet {
  const sorted: FieldSet = {};
  for (const element of Object.keys(set).sort(compareElements)) sorted[element] = sortedSet(set[element] ?? {});
  return sorted;
}
