// Answers in the form the client asked for.

import { stringify } from "#yaml";
import type { JsonObject } from "../json.ts";
import { apiVersionOf, type Kind } from "../kube/kind.ts";
import type { KubeObject } from "../kube/object.ts";
import { StatusError } from "../kube/status.ts";
import { type IncludeObject, toPartial, toTable } from "../table/table.ts";
import { plainFormatOf, type Representation, representationOf } from "./accept.ts";
import { PlainNotFound, type ResourceRequest } from "./resource-request.ts";

/** Status and warnings of an answer. */
export interface AnswerOptions {
  /** Default: 200. */
  readonly status?: number;
  readonly warnings?: readonly string[];
}

/** As a real server prints. */
const YAML_STYLE = { sortKeys: true, arrayIndent: false, quoteStyle: "double" } as const;

/** Any JSON value, as JSON or YAML. */
export function jsonAnswer(request: Request, value: unknown, options: AnswerOptions = {}): Response {
  return encoded(value, representationOf(request.headers.get("accept")).format, options);
}

/** What discovery answers: it knows no tables. @throws {StatusError} 406 */
export function discoveryAnswer(request: Request, value: unknown): Response {
  return encoded(value, plainFormatOf(request.headers.get("accept")), {});
}

function encoded(value: unknown, format: Representation["format"], { status = 200, warnings = [] }: AnswerOptions) {
  const headers = new Headers({
    "content-type": format === "yaml" ? "application/yaml" : "application/json",
    "cache-control": "no-cache, private",
  });
  for (const warning of warnings) headers.append("warning", warningText(warning));
  return new Response(format === "yaml" ? stringify(value, YAML_STYLE) : `${JSON.stringify(value)}\n`, {
    status,
    headers,
  });
}

/** A stored object as a version of its kind shows it. */
export function inVersion(kind: Kind, object: KubeObject): KubeObject {
  const apiVersion = apiVersionOf(kind);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

/** One object, as it is, as a table of one row, or its metadata. */
export function objectAnswer(target: ResourceRequest, stored: KubeObject, options: AnswerOptions = {}): Response {
  const object = inVersion(target.kind, stored);
  const { shape } = representationOf(target.request.headers.get("accept"));
  const metadata = { resourceVersion: object.metadata.resourceVersion };
  const table = { kind: target.kind, include: includeOf(target.query), metadata, definitions: true };
  if (shape === "table") return jsonAnswer(target.request, toTable([object], table), options);
  const shown = object.metadata.resourceVersion === "" ? withoutVersion(object) : object;
  return jsonAnswer(target.request, shape === "partial" ? toPartial(object) : shown, options);
}

/** A dry run gives no version. */
function withoutVersion(object: KubeObject): JsonObject {
  const { resourceVersion: _version, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** A list of objects. @param metadata of the list */
export function listAnswer(target: ResourceRequest, stored: readonly KubeObject[], metadata: JsonObject): Response {
  const { kind, request, query } = target;
  const objects = stored.map((object) => inVersion(kind, object));
  const { shape } = representationOf(request.headers.get("accept"));
  if (shape === "table") {
    return jsonAnswer(request, toTable(objects, { kind, include: includeOf(query), metadata, definitions: true }));
  }
  if (shape === "partial") {
    const title = { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1" };
    return jsonAnswer(request, { ...title, metadata, items: objects.map(toPartial) });
  }
  return jsonAnswer(request, listObject(kind, objects, metadata));
}

/** Items of built-in lists carry no kind and version of their own; custom ones do. */
function listObject(kind: Kind, objects: readonly KubeObject[], metadata: JsonObject): JsonObject {
  const [title, apiVersion] = [`${kind.kind}List`, apiVersionOf(kind)];
  if (kind.custom) return { apiVersion, items: objects, kind: title, metadata: { continue: "", ...metadata } };
  const items = objects.map(({ kind: _kind, apiVersion: _version, ...item }) => item);
  return { kind: title, apiVersion, metadata, items };
}

/** What each row of a table carries along. */
export function includeOf(query: URLSearchParams): IncludeObject {
  const include = query.get("includeObject");
  return include === "None" || include === "Object" ? include : "Metadata";
}

/** Any failure as a Status; what is not a {@link StatusError} is a defect of weir's own and told as 500. */
export function failureAnswer(thrown: unknown, request: Request): Response {
  if (thrown instanceof PlainNotFound) return textAnswer(`${thrown.message}\n`, 404);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const failure = thrown instanceof StatusError ? thrown : new StatusError(500, "InternalError", message);
  const { status, warnings } = failure;
  const answer = encoded(failure.toJson(), failureFormat(request), { status, warnings });
  const seconds = failure.details?.retryAfterSeconds;
  if (seconds !== undefined) answer.headers.set("retry-after", String(seconds));
  return answer;
}

/** An answer in plain text. */
export function textAnswer(text: string, status = 200): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-cache, private" };
  return new Response(text, { status, headers });
}

/** A client that accepts nothing we can make is told so in JSON. */
function failureFormat(request: Request): Representation["format"] {
  try {
    return representationOf(request.headers.get("accept")).format;
  } catch {
    return "json";
  }
}

/** The value of a `Warning` header. */
export function warningText(warning: string): string {
  return `299 - ${JSON.stringify(asciiText(warning))}`;
}

/** Header values are ASCII; anything else becomes `?`. */
function asciiText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
