// A reference to a port of a Service, free of the kind of object that holds it.

import type { FieldPath } from "../../../schema/path.ts";
import type { Reference } from "../reference.ts";

/** Fields whose value may be wrong. */
export type BackendField = "name" | "namespace" | "port" | "scheme" | "nodePortLB" | "nativeLB";

/** A reference as written. */
export interface BackendRef {
  readonly name: string;
  readonly namespace: string | undefined;
  /** Number or name of a port of the Service. */
  readonly port: number | string | undefined;
  /** What the servers are spoken to in; decides between ports of the same number. */
  readonly protocol: "TCP" | "UDP";
  /** The cluster address instead of the endpoints. Default: the provider's option. */
  readonly nativeLB: boolean | undefined;
  /** The nodes' addresses instead of the endpoints. */
  readonly nodePortLB: boolean | undefined;
  /** Where it stands in the object that holds it. */
  readonly path: FieldPath;
  /** Where fields stand that are not directly below `path`, under the same name. */
  readonly paths?: Partial<Readonly<Record<BackendField, FieldPath>>>;
}

/** Where a field stands. */
export function pathOf(ref: BackendRef, field: BackendField): FieldPath {
  return ref.paths?.[field] ?? [...ref.path, field];
}

/** The reference to the Service itself. */
export function serviceReference(ref: BackendRef): Reference {
  return {
    kind: "Service",
    name: ref.name,
    namespace: ref.namespace,
    path: pathOf(ref, "name"),
    namespacePath: pathOf(ref, "namespace"),
    crossProvider: false,
  };
}
