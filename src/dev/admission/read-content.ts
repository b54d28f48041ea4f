// The content of an object as its kind reads it: typed, without what the kind does not have.

import { decodeObject, type Unreadable } from "../built-in/decode.ts";
import type { JsonObject } from "../json.ts";
import type { Kind } from "../kube/kind.ts";
import { readCustom } from "../structural/judge.ts";
import { withoutNulls } from "./nulls.ts";

/** What reading came to. */
export type ReadContent =
  | {
    readonly ok: true;
    readonly content: JsonObject;
    /** Fields that the kind does not have, in the order in which a server names them. */
    readonly unknown: readonly string[];
  }
  | {
    readonly ok: false;
    readonly why: string;
    /** Each value that can't be read, where that is known. */
    readonly failures?: readonly Unreadable[];
  };

/** Of kinds whose definition says nothing. */
export const keepsAll = { type: "object", "x-kubernetes-preserve-unknown-fields": true } as const;

/** Reads an object by the schema of its kind. */
export function readContent(kind: Kind, content: JsonObject): ReadContent {
  if (!kind.custom && kind.schema === undefined) return { ok: true, content: withoutNulls(content), unknown: [] };
  const schema = kind.schema ?? keepsAll;
  const read = kind.custom ? readCustom(schema, content) : decodeObject(schema, content);
  return read.ok ? { ok: true, content: read.object, unknown: read.unknown } : read;
}
