// What an API server refuses a CustomResourceDefinition for.

import { isObject, type JsonObject, listAt, objectAt, textAt, valueAt } from "../json.ts";
import { type Cause, invalidValue } from "../kube/status.ts";
import { forbiddenField, missing, unsupported } from "./cause.ts";
import { goQuote, goValue } from "./go-value.ts";
import { structureCauses } from "./structure-rules.ts";

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_TEXT = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an " +
  "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for " +
  "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const MIXED_TEXT = `may have mixed case, but should otherwise match: ${LABEL_TEXT}`;
const APPROVAL = "api-approved.kubernetes.io";
const COLUMN_TYPES = ["integer", "number", "string", "boolean", "date"];
const COLUMN_FORMATS = ["int32", "int64", "float", "double", "byte", "date", "date-time", "password"];

/** Everything that is wrong with a definition. @param previous what is stored of it, if it is an update */
export function definitionCauses(definition: JsonObject, previous: JsonObject | undefined): Cause[] {
  const spec = objectAt(definition, "spec");
  const causes = [
    ...nameCauses(definition),
    ...groupCauses(definition),
    ...scopeCauses(spec),
    ...namesCauses(objectAt(spec, "names")),
    ...versionsCauses(spec),
  ];
  if (spec["preserveUnknownFields"] === true) {
    causes.push(
      invalidValue("spec.preserveUnknownFields", "true", "must be false in order to use defaults in the schema"),
    );
  }
  return previous === undefined ? causes : [...causes, ...immutableCauses(spec, objectAt(previous, "spec"))];
}

function nameCauses(definition: JsonObject): Cause[] {
  const name = textAt(definition, "metadata", "name") ?? "";
  const plural = textAt(definition, "spec", "names", "plural") ?? "";
  const group = textAt(definition, "spec", "group") ?? "";
  if (name === `${plural}.${group}`) return [];
  return [invalidValue("metadata.name", goQuote(name), 'must be spec.names.plural+"."+spec.group')];
}

function groupCauses(definition: JsonObject): Cause[] {
  const group = textAt(definition, "spec", "group") ?? "";
  if (group === "") return [missing("spec.group")];
  if (!SUBDOMAIN.test(group)) {
    return [invalidValue("spec.group", goQuote(group), "must be a lowercase RFC 1123 subdomain")];
  }
  if (!group.includes(".")) {
    return [invalidValue("spec.group", goQuote(group), "should be a domain with at least one dot")];
  }
  const guarded = /(^|\.)(k8s|kubernetes)\.io$/.test(group);
  if (!guarded || valueAt(definition, "metadata", "annotations", APPROVAL) !== undefined) return [];
  const why = `protected groups must have approval annotation "${APPROVAL}", ` +
    "see https://github.com/kubernetes/enhancements/pull/1111";
  return [missing(`metadata.annotations[${APPROVAL}]`, why)];
}

function scopeCauses(spec: JsonObject): Cause[] {
  const scope = textAt(spec, "scope") ?? "";
  if (scope === "Namespaced" || scope === "Cluster") return [];
  return [scope === "" ? missing("spec.scope") : unsupported("spec.scope", scope, ["Cluster", "Namespaced"])];
}

function namesCauses(names: JsonObject): Cause[] {
  const causes: Cause[] = [];
  for (const key of ["plural", "singular", "kind", "listKind"]) {
    const field = `spec.names.${key}`;
    const name = textAt(names, key) ?? "";
    const mixed = key === "kind" || key === "listKind";
    if (name === "") causes.push(missing(field));
    else if (!LABEL.test(mixed ? name.toLowerCase() : name)) {
      causes.push(invalidValue(field, goQuote(name), mixed ? MIXED_TEXT : LABEL_TEXT));
    }
  }
  for (const key of ["shortNames", "categories"]) {
    listAt(names, key).forEach((name, at) => {
      if (typeof name === "string" && LABEL.test(name)) return;
      causes.push(invalidValue(`spec.names.${key}[${at}]`, goValue(name), LABEL_TEXT));
    });
  }
  const listKind = textAt(names, "listKind") ?? "";
  if (listKind !== "" && listKind === names["kind"]) {
    causes.push(invalidValue("spec.names.listKind", goQuote(listKind), "kind and listKind may not be the same"));
  }
  return causes;
}

function versionsCauses(spec: JsonObject): Cause[] {
  const versions = listAt(spec, "versions");
  const causes = versions.flatMap((version, at) => versionCauses(version, `spec.versions[${at}]`));
  const names = versions.map((version) => textAt(version, "name") ?? "");
  const shown = goValue(versions);
  if (new Set(names).size < names.length) {
    causes.push(invalidValue("spec.versions", shown, "must contain unique version names"));
  }
  if (versions.filter((version) => valueAt(version, "storage") === true).length !== 1) {
    const wanted = "must have exactly one version marked as storage version";
    causes.push(invalidValue("spec.versions", shown, wanted));
  }
  return causes;
}

function versionCauses(version: unknown, field: string): Cause[] {
  const causes: Cause[] = [];
  const name = textAt(version, "name") ?? "";
  if (!LABEL.test(name)) causes.push(invalidValue(`${field}.name`, goQuote(name), LABEL_TEXT));
  const schema = valueAt(version, "schema", "openAPIV3Schema");
  const schemaField = `${field}.schema.openAPIV3Schema`;
  if (isObject(schema)) causes.push(...structureCauses(schema, schemaField));
  else causes.push(missing(schemaField, "schemas are required"));
  listAt(version, "additionalPrinterColumns").forEach((column, at) => {
    causes.push(...columnCauses(column, `${field}.additionalPrinterColumns[${at}]`));
  });
  return causes;
}

function columnCauses(column: unknown, field: string): Cause[] {
  const name = textAt(column, "name") ?? "";
  return [
    ...(name === "" ? [missing(`${field}.name`)] : []),
    ...columnTypeCauses(column, field),
    ...columnPathCauses(textAt(column, "jsonPath") ?? "", `${field}.JSONPath`),
  ];
}

function columnTypeCauses(column: unknown, field: string): Cause[] {
  const [type, format] = [textAt(column, "type") ?? "", textAt(column, "format") ?? ""];
  const causes: Cause[] = [];
  const types = `must be one of ${COLUMN_TYPES.join(",")}`;
  if (type === "") causes.push(missing(`${field}.type`, types));
  else if (!COLUMN_TYPES.includes(type)) causes.push(invalidValue(`${field}.type`, goQuote(type), types));
  if (format !== "" && !COLUMN_FORMATS.includes(format)) {
    causes.push(invalidValue(`${field}.format`, goQuote(format), `must be one of ${COLUMN_FORMATS.join(",")}`));
  }
  return causes;
}

function columnPathCauses(path: string, field: string): Cause[] {
  if (path === "") return [missing(field)];
  if (path.startsWith(".")) return [];
  return [invalidValue(field, goQuote(path), "must be a simple json path starting with .")];
}

/** What objects are stored under can't change. */
function immutableCauses(spec: JsonObject, before: JsonObject): Cause[] {
  const fixed = [["group"], ["scope"], ["names", "kind"], ["names", "plural"]] as const;
  return fixed.flatMap((path) => {
    const [now, then] = [valueAt(spec, ...path), valueAt(before, ...path)];
    if (now === then) return [];
    const field = `spec.${path.join(".")}`;
    return [
      path[0] === "names" && now === undefined
        ? forbiddenField(field, "may not be removed")
        : invalidValue(field, goValue(now), "field is immutable"),
    ];
  });
}
