// Server-side tables and metadata-only objects: what kubectl asks for when it prints.

import type { JsonObject } from "../json.ts";
import type { Kind } from "../kube/kind.ts";
import type { KubeObject } from "../kube/object.ts";
import { columnsOf } from "./columns.ts";

/** What of each object goes along with its row. */
export type IncludeObject = "None" | "Metadata" | "Object";

/** How a table is made. */
export interface TableOptions {
  readonly kind: Kind;
  readonly include: IncludeObject;
  /** Of the list or of the single object. */
  readonly metadata: JsonObject;
  /** False for all but the first event of a watch. */
  readonly definitions: boolean;
}

/** A `meta.k8s.io/v1` Table with a row per object. */
export function toTable(
  objects: readonly KubeObject[],
  { kind, include, metadata, definitions }: TableOptions,
): JsonObject {
  const columns = columnsOf(kind);
  const now = Date.now();
  const cellsOf = (object: KubeObject) => {
    const shown = kind.view === undefined ? object : { ...object, ...kind.view.toStored(object) };
    return columns.map((column) => column.cell(shown, now));
  };
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: definitions
      ? columns.map(({ name, type, format, description, priority }) => ({ name, type, format, description, priority }))
      : null,
    rows: objects.map((object) => ({
      cells: cellsOf(object),
      object: rowObject(object, include),
    })),
  };
}

/** The metadata of an object, as an object of its own. */
export function toPartial(object: KubeObject): JsonObject {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata };
}

function rowObject(object: KubeObject, include: IncludeObject): JsonObject | null {
  if (include === "None") return null;
  return include === "Object" ? object : toPartial(object);
}
