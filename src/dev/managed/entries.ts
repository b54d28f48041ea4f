// The entries of `metadata.managedFields`: who owns what, by which operation.

import { isList, isObject, type JsonObject, sameJson, textAt } from "../json.ts";
import { type FieldSet, isEmptySet, sortedSet, union } from "./field-set.ts";
import { isElement } from "./path-element.ts";

/** How a manager came to own its fields: by declaring them, or by writing them. */
export type Operation = "Apply" | "Update";

/** Who writes. */
export interface Manager {
  readonly name: string;
  readonly operation: Operation;
  readonly apiVersion: string;
  /** Empty: the object itself. */
  readonly subresource: string;
}

/** What one manager owns. */
export interface Owner extends Manager {
  /** When the entry changed last; undefined when a client has left it out. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** Whether an entry is this manager's. An applier is the same whatever version it applies. */
export function isSameManager(left: Manager, right: Manager): boolean {
  return left.name === right.name && left.operation === right.operation && left.subresource === right.subresource &&
    (left.operation === "Apply" || left.apiVersion === right.apiVersion);
}

/** Reads the entries of an object's metadata. @returns undefined when one of them can't be read */
export function readOwners(entries: unknown): Owner[] | undefined {
  if (entries === undefined || entries === null) return [];
  if (!isList(entries)) return undefined;
  const owners: Owner[] = [];
  for (const entry of entries) {
    const owner = readOwner(entry);
    if (owner === undefined) return undefined;
    if (!isEmptySet(owner.fields)) owners.push(owner);
  }
  return owners;
}

function readOwner(entry: unknown): Owner | undefined {
  const operation = textAt(entry, "operation");
  const fields = isObject(entry) ? entry["fieldsV1"] : undefined;
  if ((operation !== "Apply" && operation !== "Update") || textAt(entry, "fieldsType") !== "FieldsV1") return undefined;
  if (fields !== undefined && !isFieldSet(fields)) return undefined;
  return {
    name: textAt(entry, "manager") ?? "",
    operation,
    apiVersion: textAt(entry, "apiVersion") ?? "",
    subresource: textAt(entry, "subresource") ?? "",
    time: textAt(entry, "time"),
    fields: fields ?? {},
  };
}

function isFieldSet(value: unknown): value is FieldSet {
  return isObject(value) &&
    Object.entries(value).every(([element, node]) =>
      element === "." ? isObject(node) : isElement(element) && isFieldSet(node)
    );
}

/** The entries as an object's metadata holds them: in order, without those that own nothing. */
export function writeOwners(owners: readonly Owner[]): JsonObject[] {
  return owners.filter(({ fields }) => !isEmptySet(fields)).sort(compareOwners).map((owner) => ({
    ...(owner.name === "" ? {} : { manager: owner.name }),
    operation: owner.operation,
    apiVersion: owner.apiVersion,
    ...(owner.time === undefined ? {} : { time: owner.time }),
    fieldsType: "FieldsV1",
    fieldsV1: sortedSet(owner.fields),
    ...(owner.subresource === "" ? {} : { subresource: owner.subresource }),
  }));
}

/** Appliers first, then by time, then by name. */
function compareOwners(left: Owner, right: Owner): number {
  return compareTexts(left.operation, right.operation) || compareTexts(left.time ?? "", right.time ?? "") ||
    compareTexts(left.name, right.name) || compareTexts(left.apiVersion, right.apiVersion) ||
    compareTexts(left.subresource, right.subresource);
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Whether two lists of entries differ in nothing but times. */
export function sameOwners(left: unknown, right: unknown): boolean {
  const [mine, other] = [timeless(left), timeless(right)];
  return mine.length === other.length && mine.every((entry) => other.some((each) => sameJson(entry, each)));
}

function timeless(entries: unknown): JsonObject[] {
  if (!isList(entries)) return [];
  return entries.filter(isObject).map(({ time: _time, ...entry }) => entry);
}

const MOST_UPDATERS = 10; // as in a real server; more make the metadata of a much written object grow without end
const OLD = "ancient-changes";

/** Lays the oldest updaters together when there are too many. */
export function capUpdaters(owners: readonly Owner[]): readonly Owner[] {
  const updaters = owners.filter(({ operation }) => operation === "Update");
  if (updaters.length <= MOST_UPDATERS) return owners;
  const oldest = [...updaters].sort(compareOwners);
  let left = owners;
  let count = updaters.length;
  const first = new Map<string, Owner>();
  for (const updater of oldest) {
    if (count <= MOST_UPDATERS) break;
    const { apiVersion, time } = updater;
    const before = first.get(apiVersion);
    if (before === undefined) {
      first.set(apiVersion, updater);
      continue;
    }
    const fields = union(before.fields, updater.fields);
    const bucket: Owner = { name: OLD, operation: "Update", apiVersion, subresource: "", time, fields };
    left = [...left.filter((owner) => owner !== before && owner !== updater), bucket];
    first.set(apiVersion, bucket);
    count--;
  }
  return left;
}
