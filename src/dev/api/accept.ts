// What form of answer a client wants: JSON or YAML, whole objects, tables or metadata only.

import { StatusError } from "../kube/status.ts";

/** The form of an answer. */
export interface Representation {
  readonly format: "json" | "yaml";
  readonly shape: "object" | "table" | "partial";
}

const ACCEPTED = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

const plain: Representation = { format: "json", shape: "object" };

/**
 * Chooses the first form that can be made, by weight and order. Protobuf can't be made.
 * @throws {StatusError} 406 when nothing fits
 */
export function representationOf(accept: string | null): Representation {
  return firstOf(accept, () => true);
}

/** The format for what has one shape only. @throws {StatusError} 406 when only others are wanted */
export function plainFormatOf(accept: string | null): Representation["format"] {
  return firstOf(accept, ({ shape }) => shape === "object").format;
}

function firstOf(accept: string | null, isPossible: (found: Representation) => boolean): Representation {
  if (accept === null || accept.trim() === "") return plain;
  const ranges = accept.split(",").map(parseRange).sort((left, right) => right.weight - left.weight);
  for (const range of ranges) {
    const found = rangeRepresentation(range);
    if (found !== undefined && isPossible(found)) return found;
  }
  const message = `only the following media types are accepted: ${ACCEPTED.join(", ")}`;
  throw new StatusError(406, "NotAcceptable", message);
}

const STREAMS = ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];

/**
 * Built-in kinds are picky before anything else is looked at: they know no `application/*`, and answer in other words.
 * @param isList whether a collection is asked for
 * @throws {StatusError} 406
 */
export function checkAcceptable(request: Request, isList: boolean): void {
  const accept = request.headers.get("accept")?.trim() ?? "";
  if (accept === "") return;
  const types = accept.split(",").map((range) => parseRange(range).type);
  if (types.some((type) => type === "*/*" || ACCEPTED.includes(type))) return;
  const available = isList ? [...ACCEPTED, ...STREAMS] : ACCEPTED;
  const message = `406: Not Acceptable\n\nAvailable representations: ${available.join(", ")}`;
  throw new StatusError(406, "NotAcceptable", message, {});
}

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly weight: number;
}

function parseRange(text: string): MediaRange {
  const [type = "", ...parts] = text.split(";").map((part) => part.trim());
  const parameters = new Map(parts.map((part) => {
    const equals = part.indexOf("=");
    return [part.slice(0, equals).toLowerCase(), part.slice(equals + 1)] as const;
  }));
  return { type: type.toLowerCase(), parameters, weight: Number(parameters.get("q") ?? 1) };
}

const shapes: Readonly<Record<string, Representation["shape"]>> = {
  Table: "table",
  PartialObjectMetadata: "partial",
  PartialObjectMetadataList: "partial",
};

function rangeRepresentation({ type, parameters }: MediaRange): Representation | undefined {
  const format = formatOf(type);
  const wanted = parameters.get("as");
  if (format === undefined || wanted === undefined) return format && { format, shape: "object" };
  const shape = shapes[wanted];
  const version = parameters.get("v");
  return shape === undefined || (version !== "v1" && version !== "v1beta1") ? undefined : { format, shape };
}

function formatOf(type: string): Representation["format"] | undefined {
  if (type === "application/yaml") return "yaml";
  return type === "application/json" || type === "*/*" || type === "application/*" ? "json" : undefined;
}
