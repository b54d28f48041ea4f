// What an API server fills into a CustomResourceDefinition.

import { isObject, type JsonObject, listAt, objectAt, textAt, valueAt } from "../json.ts";
import { newDefinitionStatus } from "./definition-controller.ts";

/** Names and conversion that follow from the rest, and the status. @param previous what is stored, if it is an update */
export function withDefinitionDefaults(definition: JsonObject, previous: JsonObject | undefined): JsonObject {
  const given = objectAt(definition, "spec");
  const names = objectAt(given, "names");
  const kind = textAt(names, "kind") ?? "";
  const conversion = objectAt(given, "conversion");
  const spec: JsonObject = {
    ...given,
    names: {
      ...names,
      singular: orDefault(names["singular"], kind.toLowerCase()),
      listKind: orDefault(names["listKind"], kind === "" ? "" : `${kind}List`),
    },
    conversion: { ...conversion, strategy: conversion["strategy"] ?? "None" },
  };
  if (spec["preserveUnknownFields"] === false) delete spec["preserveUnknownFields"];
  return { ...definition, spec, status: statusFor({ ...definition, spec }, previous) };
}

function orDefault(value: unknown, fallback: string): unknown {
  return value === undefined || value === "" ? fallback : value;
}

/** A new definition has no status, whatever its manifest says; a changed one remembers the versions it stored. */
function statusFor(definition: JsonObject, previous: JsonObject | undefined): JsonObject {
  const fresh = newDefinitionStatus(definition);
  const given = definition["status"];
  if (previous === undefined || !isObject(given)) return fresh;
  const known = listAt(given, "storedVersions");
  const storage = listAt(definition, "spec", "versions").find((version) => valueAt(version, "storage") === true);
  const name = textAt(storage, "name");
  const storedVersions = name === undefined || known.includes(name) ? known : [...known, name];
  return { ...fresh, ...given, storedVersions };
}
