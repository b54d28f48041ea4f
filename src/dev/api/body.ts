// Request bodies: JSON, YAML, and the protobuf that newer kubectl sends for its `create` commands.

import { parse } from "#yaml";
import { isObject, type JsonObject } from "../json.ts";
import type { Kind } from "../kube/kind.ts";
import { badRequest, StatusError, unsupportedMedia } from "../kube/status.ts";
import { decodeKubeProtobuf } from "../protobuf/envelope.ts";

const LIMIT = 3 * 1024 * 1024; // bytes; a real server's limit
const OBJECT_TYPES = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const HEAD = 30; // characters of a bad body that are quoted

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

/** The body's text. @throws {StatusError} 413 */
export async function readText(request: Request): Promise<string> {
  return new TextDecoder().decode(await readBytes(request));
}

/**
 * The object in the body of a create or update.
 * @throws {StatusError} 400, 413, 415
 */
export async function readObject(request: Request, kind: Kind): Promise<JsonObject> {
  const type = mediaType(request);
  if (type === "application/vnd.kubernetes.protobuf") return decodeBinary(await readBytes(request), kind);
  if (type !== "" && !OBJECT_TYPES.includes(type)) throw unsupportedMedia(OBJECT_TYPES);
  const text = await readText(request);
  const value = parseText(text, type === "application/yaml", (why) => {
    const head = text === "" ? "<empty>" : text.length <= HEAD ? text : `${text.slice(0, HEAD)} ...`;
    const title = `the object provided is unrecognized (must be of type ${kind.kind})`;
    return badRequest(`${title}: couldn't get version/kind; json parse error: ${why} (${head})`);
  });
  if (isObject(value)) return value;
  if (value === null && !kind.custom) return {};
  throw badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): it is not an object`);
}

/** The JSON or YAML in a patch. @throws {StatusError} 400, 413 */
export async function readPatch(request: Request, yaml: boolean): Promise<unknown> {
  return parseText(await readText(request), yaml, (why) => badRequest(`error decoding patch: ${why}`));
}

function parseText(text: string, yaml: boolean, failure: (why: string) => StatusError): unknown {
  try {
    const value: unknown = yaml ? parse(text) : JSON.parse(text);
    return value;
  } catch (thrown) {
    const why = text.trim() === "" ? "unexpected end of JSON input" : thrown instanceof Error ? thrown.message : "";
    throw failure(why);
  }
}

function decodeBinary(bytes: Uint8Array, kind: Kind): JsonObject {
  const decoded = decodeKubeProtobuf(bytes, kind.kind);
  if (decoded.ok) return decoded.object;
  throw badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): ${decoded.why}`);
}
