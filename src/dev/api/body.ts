// Request bodies: JSON, YAML, and the protobuf that newer kubectl sends for its `create` commands.

import { parse } from "#yaml";
import { duplicateFields } from "../built-in/duplicate-fields.ts";
import { isObject, type JsonObject } from "../json.ts";
import type { Kind } from "../kube/kind.ts";
import { badRequest, StatusError, unsupportedMedia } from "../kube/status.ts";
import { decodeKubeProtobuf } from "../protobuf/envelope.ts";
import { goKind, jsonProblem } from "./json-problem.ts";

const LIMIT = 3 * 1024 * 1024; // bytes; a real server's limit
const OBJECT_TYPES = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const HEAD = 30; // bytes of a bad body that are quoted
const MOST_LEVELS = 2_000; // a real server's limit is 10,000, which V8 could read and not write again

/** The media type of a request, without parameters; empty when it names none. */
export function mediaType(request: Request): string {
  return (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** The body's bytes. @throws {StatusError} 413 */
export async function readBytes(request: Request): Promise<Uint8Array> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length <= LIMIT) return bytes;
  throw new StatusError(413, "RequestEntityTooLarge", `Request entity too large: limit is ${LIMIT}`);
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true }); // a byte order mark is no JSON

/** The object in a body. */
export interface ObjectBody {
  readonly object: JsonObject;
  /** Paths of fields that the text gave more than once. */
  readonly duplicates: readonly string[];
}

/** The object in the body of a create or update, and what is odd about its text. @throws {StatusError} 400, 413, 415 */
export async function readObject(request: Request, kind: Kind): Promise<ObjectBody> {
  const type = mediaType(request);
  if (type !== "" && !OBJECT_TYPES.includes(type)) throw unsupportedMedia(OBJECT_TYPES);
  const bytes = await readBytes(request);
  if (type === "application/vnd.kubernetes.protobuf") return { object: decodeBinary(bytes, kind), duplicates: [] };
  const text = decoder.decode(bytes);
  const title = `the object provided is unrecognized (must be of type ${kind.kind})`;
  const unreadable = (why: string) => {
    return badRequest(`${title}: couldn't get version/kind; json parse error: ${why} (${summary(bytes)})`);
  };
  const value = type === "application/yaml" ? parseYaml(text, unreadable) : parseJson(text, bytes, unreadable);
  if (isObject(value)) return { object: value, duplicates: type === "application/yaml" ? [] : duplicateFields(text) };
  if (value !== null) throw unreadable(`json: cannot unmarshal ${goKind(value)} into Go value of type ${GO_TYPE}`);
  if (!kind.custom) return { object: {}, duplicates: [] };
  throw badRequest(`${title}: Object 'Kind' is missing in '${text}' (${summary(bytes)})`);
}

const GO_TYPE =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** The beginning of a body, in hexadecimal unless it looks like an object. */
function summary(bytes: Uint8Array): string {
  if (bytes.length === 0) return "<empty>";
  const head = bytes.subarray(0, HEAD);
  const isText = bytes[0] === "{".charCodeAt(0);
  const shown = isText ? decoder.decode(head) : Array.from(head, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return bytes.length > HEAD ? `${shown} ...` : shown;
}

/** The JSON of a patch. @throws {StatusError} 400 */
export function parsePatch(bytes: Uint8Array): unknown {
  return parseJson(decoder.decode(bytes), bytes, (why) => badRequest(`error decoding patch: ${why}`));
}

/** The YAML of an apply. @throws {StatusError} 400 */
export function parseApply(bytes: Uint8Array): unknown {
  const failure = (why: string) => badRequest(`error decoding YAML: error converting YAML to JSON: yaml: ${why}`);
  return parseYaml(decoder.decode(bytes), failure);
}

/** Paths of fields that the JSON of a patch gives more than once. */
export function patchDuplicates(bytes: Uint8Array): string[] {
  return duplicateFields(decoder.decode(bytes));
}

function parseJson(text: string, bytes: Uint8Array, failure: (why: string) => StatusError): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (!isTooDeep(value)) return value;
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : "";
    throw failure(jsonProblem(bytes) ?? why);
  }
  throw failure(TOO_DEEP);
}

function parseYaml(text: string, failure: (why: string) => StatusError): unknown {
  try {
    const value: unknown = parse(text);
    if (!isTooDeep(value)) return value ?? null;
  } catch (thrown) {
    throw failure(thrown instanceof Error ? thrown.message : "");
  }
  throw failure(TOO_DEEP);
}

const TOO_DEEP = "exceeded max depth"; // Go's words

/** Level by level: what asks this could not be asked by recursion. */
function isTooDeep(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_LEVELS) return true;
    const below: unknown[] = [];
    for (const each of level) {
      if (typeof each === "object" && each !== null) { for (const child of Object.values(each)) below.push(child); }
    }
    level = below;
  }
  return false;
}

function decodeBinary(bytes: Uint8Array, kind: Kind): JsonObject {
  const decoded = decodeKubeProtobuf(bytes, kind.kind);
  if (decoded.ok) return decoded.object;
  throw badRequest(
    `the object provided is unrecognized (must be of type ${kind.kind}): ${decoded.why} (${summary(bytes)})`,
  );
}
