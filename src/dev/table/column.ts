// One column of a server-side table.

import type { KubeObject } from "../kube/object.ts";

/** A printed value. */
export type Cell = string | number | boolean | null;

/** A column: its definition, and how to fill it. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0: always shown; 1: with `-o wide`. */
  readonly priority: number;
  /** @param now milliseconds since 1970, for ages */
  readonly cell: (object: KubeObject, now: number) => Cell;
}

/** A column of text that is always shown. */
export function column(name: string, cell: Column["cell"], options: Partial<Column> = {}): Column {
  return { name, type: "string", format: "", description: "", priority: 0, cell, ...options };
}

/** A column shown with `-o wide` only. */
export function wide(name: string, cell: Column["cell"]): Column {
  return column(name, cell, { priority: 1 });
}
