// Kubernetes objects in protobuf, turned into the JSON they stand for.

import type { JsonObject } from "../json.ts";
import { type FieldType, messages } from "./messages.ts";
import { readFields, type WireField } from "./reader.ts";

/** What decoding gave. */
export type Decoded = { readonly ok: true; readonly object: JsonObject } | { readonly ok: false; readonly why: string };

const PREFIX = [0x6b, 0x38, 0x73, 0x00]; // "k8s" and a zero byte
const utf8 = new TextDecoder();

/**
 * Decodes `k8s\0` + `Unknown{typeMeta, raw}`.
 * @param wanted the kind that is expected
 */
export function decodeKubeProtobuf(bytes: Uint8Array, wanted: string): Decoded {
  if (PREFIX.some((byte, at) => bytes[at] !== byte)) {
    const why = "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]";
    return { ok: false, why };
  }
  const envelope = readFields(bytes.subarray(PREFIX.length));
  const typeMeta = readFields(bytesOf(envelope, 1));
  const apiVersion = utf8.decode(bytesOf(typeMeta, 1));
  const kind = utf8.decode(bytesOf(typeMeta, 2));
  if (messages[kind] === undefined || kind !== wanted) {
    return { ok: false, why: `${kind || "this object"} can't be read as protobuf here; send it as JSON` };
  }
  const content = decodeMessage(kind, bytesOf(envelope, 2));
  return content === undefined
    ? { ok: false, why: `broken protobuf of a ${kind}` }
    : { ok: true, object: { apiVersion, kind, ...content } };
}

function bytesOf(fields: readonly WireField[] | undefined, number: number): Uint8Array {
  const value = fields?.find((field) => field.number === number)?.value;
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function decodeMessage(name: string, bytes: Uint8Array): JsonObject | undefined {
  const fields = readFields(bytes);
  if (fields === undefined) return undefined;
  const object: JsonObject = {};
  for (const { number, value } of fields) {
    const entry = messages[name]?.[number];
    if (entry !== undefined) setField(object, entry[0], entry[1], value);
  }
  return object;
}

/** Numbers whose zero means something: pointers in Go. Others are left out at zero, as `omitempty` does. */
const pointers = new Set(["gracePeriodSeconds", "replicas"]);

function setField(object: JsonObject, name: string, type: FieldType, value: number | Uint8Array): void {
  if (typeof value === "number") setNumber(object, name, type, value);
  else if (typeof type === "string") setters[type](object, name, value);
  else if ("one" in type) object[name] = decodeMessage(type.one, value) ?? {};
  else if ("many" in type) push(object, name, decodeMessage(type.many, value) ?? {});
  else Object.assign(object, decodeMessage(type.inline, value) ?? {});
}

function setNumber(object: JsonObject, name: string, type: FieldType, value: number): void {
  if (type === "int" && (value !== 0 || pointers.has(name))) object[name] = value;
  else if (type === "bool" && value !== 0) object[name] = true;
}

type Setter = (object: JsonObject, name: string, value: Uint8Array) => void;

const ignore: Setter = () => undefined; // the server sets every time itself; numbers never come as bytes

const setters: Readonly<Record<Extract<FieldType, string>, Setter>> = {
  bool: ignore,
  bytesMap: (object, name, value) => setEntry(object, name, readFields(value), true),
  int: ignore,
  intOrString: (object, name, value) => {
    object[name] = decodeIntOrString(readFields(value));
  },
  string: (object, name, value) => {
    if (value.length > 0) object[name] = utf8.decode(value);
  },
  stringMap: (object, name, value) => setEntry(object, name, readFields(value), false),
  strings: (object, name, value) => push(object, name, utf8.decode(value)),
  time: ignore,
};

function push(object: JsonObject, name: string, item: unknown): void {
  const list = object[name];
  object[name] = Array.isArray(list) ? [...list, item] : [item];
}

function setEntry(object: JsonObject, name: string, entry: readonly WireField[] | undefined, binary: boolean): void {
  const map = object[name];
  const value = bytesOf(entry, 2);
  const added = { [utf8.decode(bytesOf(entry, 1))]: binary ? base64(value) : utf8.decode(value) };
  object[name] = typeof map === "object" && map !== null ? { ...map, ...added } : added;
}

function decodeIntOrString(fields: readonly WireField[] | undefined): unknown {
  const isText = fields?.some((field) => field.number === 1 && field.value === 1) ?? false;
  if (isText) return utf8.decode(bytesOf(fields, 3));
  return fields?.find((field) => field.number === 2)?.value ?? 0;
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
