// What the embedded API knows of a kind of object: names, scope, and how it behaves.

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
  /** Of the whole object. Absent: everything is accepted. */
  readonly schema?: Schema;
}

/** One of a CustomResourceDefinition's `additionalPrinterColumns`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly priority: number;
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
