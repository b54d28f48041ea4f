// What the embedded API knows of a kind of object: names, scope, and how it behaves.

import type { JsonObject } from "../json.ts";
import type { Schema } from "./schema.ts";

/** A served kind. */
export interface Kind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** Declared by a CustomResourceDefinition; such kinds take no strategic merge patch, and answer 404 as text. */
  readonly custom: boolean;
  /** Subresources besides the object: `status`, `scale`, `log`. */
  readonly subresources: readonly string[];
  /** `metadata.generation` counts changes of the specification. */
  readonly counted: boolean;
  /** DELETE answers the object instead of a Status. */
  readonly answersObject: boolean;
  /** PUT to a name that is not there creates. */
  readonly putCreates: boolean;
  /** Columns that a CustomResourceDefinition adds to tables. */
  readonly columns: readonly PrinterColumn[];
  /** Where the `scale` subresource of a custom kind keeps its numbers, as names of fields. Absent: as in workloads. */
  readonly scale?: ScalePaths;
  /** Served as another version of the objects of a stored kind. */
  readonly view?: KindView;
  /** Metadata whose changes count like those of the specification: `labels`, `annotations`. Default: none. */
  readonly countedMetadata?: readonly string[];
  /** The group that refusals (422) name, where it is another one than the kind's. */
  readonly errorGroup?: string;
  /** The version is deprecated: what every answer warns of. Absent: it is not. */
  readonly deprecation?: string;
  /** Of the whole object. Absent: everything is accepted. */
  readonly schema?: Schema;
}

/** What a CustomResourceDefinition says of its `scale` subresource. */
export interface ScalePaths {
  readonly replicas: readonly string[];
  readonly observed: readonly string[];
  /** Empty: the kind tells no selector. */
  readonly selector: readonly string[];
}

/** How a kind shows the objects of another one. */
export interface KindView {
  readonly stored: Kind;
  /** The object as the stored kind has it. Identity and metadata stay. */
  toStored(object: JsonObject): JsonObject;
  /** The stored object as this kind shows it. */
  fromStored(object: JsonObject): JsonObject;
}

/** The kind under the group that refusals name. */
export function inErrors(kind: Kind): Kind {
  return kind.errorGroup === undefined ? kind : { ...kind, group: kind.errorGroup };
}

/** The kind whose objects are stored: the kind itself, unless it is a view. */
export function storedKind(kind: Kind): Kind {
  return kind.view?.stored ?? kind;
}

/** One of a CustomResourceDefinition's `additionalPrinterColumns`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly priority: number;
  /** Absent: the table says where the column comes from. */
  readonly description?: string;
}

/** `traefik.io/v1alpha1`, or `v1` for the core group. */
export function apiVersionOf(kind: Kind): string {
  return kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
}

/** `ingressroutes.traefik.io`, or `services` for the core group: how messages name a resource. */
export function resourceOf(kind: Kind): string {
  return kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
}

/** `TraefikService.traefik.io`, or `Service`: how validation messages name a kind. */
export function qualifiedKind(kind: Kind): string {
  return kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
}

/** What differs from a namespaced, counted kind without short names. */
export type KindOptions = Partial<Omit<Kind, "group" | "version" | "kind">>;

/** Builds a kind; plural and singular follow from the kind's name unless given. */
export function createKind(apiVersion: string, kind: string, options: KindOptions = {}): Kind {
  const slash = apiVersion.indexOf("/");
  const singular = kind.toLowerCase();
  return {
    group: slash === -1 ? "" : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind,
    plural: pluralOf(singular),
    singular,
    shortNames: [],
    categories: [],
    namespaced: true,
    custom: false,
    subresources: [],
    counted: true,
    answersObject: false,
    putCreates: false,
    columns: [],
    ...options,
  };
}

function pluralOf(singular: string): string {
  if (singular.endsWith("s")) return `${singular}es`;
  return singular.endsWith("y") ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}
