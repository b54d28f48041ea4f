// The kinds that are served now: the built-in ones and those that CustomResourceDefinitions declare.

import { isObject, type JsonObject, listAt, numberAt, objectAt, textAt, valueAt } from "../json.ts";
import { builtInKinds } from "./built-in-kinds.ts";
import { kindsOfVersion, type KubernetesVersion } from "../built-in/legacy-kinds.ts";
import { objectMeta } from "../built-in/meta-types.ts";
import { toSchema } from "../structural/to-schema.ts";
import { apiVersionOf, createKind, type Kind, type PrinterColumn } from "./kind.ts";
import type { Schema } from "./schema.ts";

/** Looks kinds up by what URLs and manifests call them. */
export class KindRegistry {
  /** The version of Kubernetes whose kinds are served. */
  readonly kubernetes: KubernetesVersion;
  readonly #builtIn: readonly Kind[];
  #kinds: readonly Kind[];

  constructor(kubernetes: KubernetesVersion = "1.26") {
    this.kubernetes = kubernetes;
    this.#builtIn = kindsOfVersion(kubernetes);
    this.#kinds = this.#builtIn;
  }

  /** Every kind, in the order of discovery. */
  get all(): readonly Kind[] {
    return this.#kinds;
  }

  /** By the names in a URL. */
  resource(group: string, version: string, plural: string): Kind | undefined {
    return this.#kinds.find((kind) => kind.plural === plural && kind.version === version && kind.group === group);
  }

  /** By the names in a manifest. */
  named(apiVersion: string, name: string): Kind | undefined {
    return this.#kinds.find((kind) => kind.kind === name && apiVersionOf(kind) === apiVersion);
  }

  /**
   * A built-in kind that the cluster itself needs.
   * @throws {TypeError} for a name that is not built in
   */
  builtIn(name: string): Kind {
    const found = builtInKinds.find((kind) => kind.kind === name);
    if (found === undefined) throw new TypeError(`${name} is not a built-in kind`);
    return found;
  }

  /** Serves the kinds of a CustomResourceDefinition, in place of what it declared before. */
  declare(definition: JsonObject): void {
    this.withdraw(definition);
    const custom = [...this.#kinds.filter((kind) => kind.custom), ...kindsOf(definition)];
    // Groups of definitions follow the built-in ones in the order of their names: kubectl takes the first that fits.
    this.#kinds = [
      ...this.#builtIn,
      ...custom.toSorted((left, right) => left.group < right.group ? -1 : +(left.group > right.group)),
    ];
  }

  /** Serves the kinds of a CustomResourceDefinition no more. */
  withdraw(definition: JsonObject): void {
    const group = textAt(definition, "spec", "group");
    const plural = textAt(definition, "spec", "names", "plural");
    this.#kinds = this.#kinds.filter((kind) => !kind.custom || kind.group !== group || kind.plural !== plural);
  }
}

/** The kinds a CustomResourceDefinition declares: one per served version. */
function kindsOf(definition: JsonObject): Kind[] {
  const group = textAt(definition, "spec", "group") ?? "";
  const kind = textAt(definition, "spec", "names", "kind");
  const plural = textAt(definition, "spec", "names", "plural");
  if (kind === undefined || plural === undefined) return [];
  return listAt(definition, "spec", "versions").filter((version) => valueAt(version, "served") === true).map((
    version,
  ) =>
    createKind(`${group}/${textAt(version, "name") ?? ""}`, kind, {
      plural,
      singular: textAt(definition, "spec", "names", "singular") ?? kind.toLowerCase(),
      shortNames: textsOf(valueAt(definition, "spec", "names", "shortNames")),
      categories: textsOf(valueAt(definition, "spec", "names", "categories")),
      namespaced: textAt(definition, "spec", "scope") !== "Cluster",
      custom: true,
      subresources: ["status", "scale"].filter((name) => isObject(valueAt(version, "subresources", name))),
      ...scaleOf(valueAt(version, "subresources", "scale")),
      columns: listAt(version, "additionalPrinterColumns").map(toColumn),
      schema: schemaOf(objectAt(version, "schema", "openAPIV3Schema")),
      ...deprecationOf(definition, version),
    })
  );
}

function descriptionOf(column: unknown): Pick<PrinterColumn, "description"> {
  const description = textAt(column, "description");
  return description === undefined ? {} : { description };
}

/** What a deprecated version warns of: its own words, or where to go. */
function deprecationOf(definition: JsonObject, version: unknown): Pick<Kind, "deprecation"> {
  if (valueAt(version, "deprecated") !== true) return {};
  const own = textAt(version, "deprecationWarning");
  if (own !== undefined) return { deprecation: own };
  const name = (each: unknown) =>
    `${textAt(definition, "spec", "group")}/${textAt(each, "name")} ${textAt(definition, "spec", "names", "kind")}`;
  const newer = listAt(definition, "spec", "versions").find((each) =>
    valueAt(each, "served") === true && valueAt(each, "deprecated") !== true
  );
  return { deprecation: `${name(version)} is deprecated${newer === undefined ? "" : `; use ${name(newer)}`}` };
}

const text: Schema = { type: "string" };

/** A definition says little or nothing of what every object has: identity and metadata. */
function schemaOf(given: JsonObject): Schema {
  const schema = toSchema(given);
  const own = schema.properties?.["metadata"]?.properties ?? {};
  const metadata: Schema = { ...objectMeta, properties: { ...objectMeta.properties, ...own } };
  return { ...schema, properties: { ...schema.properties, apiVersion: text, kind: text, metadata } };
}

/** The paths of a `scale` subresource, which are dots and names only. */
function scaleOf(scale: unknown): Pick<Kind, "scale"> {
  if (!isObject(scale)) return {};
  const path = (name: string) => (textAt(scale, name) ?? "").split(".").filter((step) => step !== "");
  return {
    scale: {
      replicas: path("specReplicasPath"),
      observed: path("statusReplicasPath"),
      selector: path("labelSelectorPath"),
    },
  };
}

function textsOf(value: unknown): string[] {
  return listAt(value).filter((item) => typeof item === "string");
}

function toColumn(column: unknown): PrinterColumn {
  return {
    name: textAt(column, "name") ?? "",
    type: textAt(column, "type") ?? "string",
    jsonPath: textAt(column, "jsonPath") ?? "",
    priority: numberAt(column, "priority") ?? 0,
    ...descriptionOf(column),
  };
}
