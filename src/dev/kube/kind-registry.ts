// The kinds that are served now: the built-in ones and those that CustomResourceDefinitions declare.

import { isObject, type JsonObject, listAt, numberAt, textAt, valueAt } from "../json.ts";
import { builtInKinds } from "./built-in-kinds.ts";
import { apiVersionOf, createKind, type Kind, type PrinterColumn } from "./kind.ts";

/** Looks kinds up by what URLs and manifests call them. */
export class KindRegistry {
  #kinds: readonly Kind[] = builtInKinds;

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
    this.#kinds = [...this.#kinds, ...kindsOf(definition)];
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
      subresources: isObject(valueAt(version, "subresources", "status")) ? ["status"] : [],
      columns: listAt(version, "additionalPrinterColumns").map(toColumn),
    })
  );
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
  };
}
