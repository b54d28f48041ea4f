// Writes an OpenAPI v2 document in the binary form that kubectl asks for.

import { isObject, type JsonObject, listAt, numberAt, textAt } from "../json.ts";
import type { Definitions } from "./definitions.ts";
import { ProtobufWriter } from "./writer.ts";

/** What of a document is written. */
export interface SwaggerDocument {
  readonly swagger: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, JsonObject>>;
  readonly definitions: Definitions;
}

/** Field numbers of the messages, by name. (data) */
const DOCUMENT = { swagger: 1, info: 2, paths: 8, definitions: 9 } as const;
const INFO = { title: 1, version: 2 } as const;
const NAMED = { name: 1, value: 2 } as const;
const PATHS = { path: 2 } as const;
const PATH_ITEM = { patch: 8 } as const;
const OPERATION = { operationId: 5, parameters: 8, responses: 9, extension: 13 } as const;
const QUERY_PARAMETER = { in: 2, name: 4, type: 6 } as const;
const RESPONSES = { response: 1 } as const;
const SCHEMA = {
  ref: 1,
  format: 2,
  description: 4,
  maximum: 7,
  minimum: 9,
  maxLength: 11,
  minLength: 12,
  pattern: 13,
  maxItems: 14,
  minItems: 15,
  maxProperties: 17,
  minProperties: 18,
  required: 19,
  enum: 20,
  additionalProperties: 21,
  type: 22,
  items: 23,
  properties: 25,
  extension: 31,
} as const;
const YAML = 2; // the field of Any that holds a value as text

/** @returns the document as `openapi.v2.Document` */
export function encodeDocument(document: SwaggerDocument): Uint8Array<ArrayBuffer> {
  const writer = new ProtobufWriter();
  writer.text(DOCUMENT.swagger, document.swagger);
  writer.message(DOCUMENT.info, (info) => {
    info.text(INFO.title, document.info.title);
    info.text(INFO.version, document.info.version);
  });
  writer.message(DOCUMENT.paths, (paths) => {
    for (const [path, item] of Object.entries(document.paths)) {
      writeNamed(paths, PATHS.path, path, (value) => writePath(value, item));
    }
  });
  writer.message(DOCUMENT.definitions, (definitions) => {
    for (const [name, schema] of Object.entries(document.definitions)) {
      writeNamed(definitions, 1, name, (value) => writeSchema(value, schema));
    }
  });
  return writer.finish();
}

function writeNamed(writer: ProtobufWriter, field: number, name: string, write: (value: ProtobufWriter) => void): void {
  writer.message(field, (named) => {
    named.text(NAMED.name, name);
    named.message(NAMED.value, write);
  });
}

function writePath(writer: ProtobufWriter, item: JsonObject): void {
  const patch = item["patch"];
  if (!isObject(patch)) return;
  writer.message(PATH_ITEM.patch, (operation) => {
    operation.text(OPERATION.operationId, textAt(patch, "operationId") ?? "");
    for (const parameter of listAt(patch, "parameters")) {
      operation.message(OPERATION.parameters, (item) => writeParameter(item, parameter));
    }
    operation.message(OPERATION.responses, (responses) => {
      writeNamed(
        responses,
        RESPONSES.response,
        "200",
        (value) => value.message(1, (response) => response.text(1, "OK")),
      );
    });
    writeExtensions(operation, OPERATION.extension, patch);
  });
}

/** A query parameter, under the three messages that say so. */
function writeParameter(writer: ProtobufWriter, parameter: unknown): void {
  writer.message(1, (any) =>
    any.message(2, (nonBody) =>
      nonBody.message(3, (query) => {
        query.text(QUERY_PARAMETER.in, "query");
        query.text(QUERY_PARAMETER.name, textAt(parameter, "name") ?? "");
        query.text(QUERY_PARAMETER.type, textAt(parameter, "type") ?? "string");
      })));
}

const TEXTS = ["format", "description", "pattern"] as const;
const DOUBLES = ["maximum", "minimum"] as const;
const COUNTS = ["maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"] as const;

function writeSchema(writer: ProtobufWriter, schema: JsonObject): void {
  const reference = textAt(schema, "$ref");
  if (reference !== undefined) writer.text(SCHEMA.ref, reference);
  for (const key of TEXTS) writer.text(SCHEMA[key], textAt(schema, key) ?? "");
  for (const key of DOUBLES) writer.double(SCHEMA[key], numberAt(schema, key) ?? 0);
  for (const key of COUNTS) writer.integer(SCHEMA[key], numberAt(schema, key) ?? 0);
  for (const name of listAt(schema, "required")) writer.text(SCHEMA.required, String(name));
  for (const value of listAt(schema, "enum")) {
    writer.message(SCHEMA.enum, (any) => any.text(YAML, JSON.stringify(value)));
  }
  const type = textAt(schema, "type");
  if (type !== undefined) writer.message(SCHEMA.type, (item) => item.text(1, type));
  writeChildren(writer, schema);
  writeExtensions(writer, SCHEMA.extension, schema);
}

function writeChildren(writer: ProtobufWriter, schema: JsonObject): void {
  const { items, properties, additionalProperties: values } = schema;
  if (isObject(values)) {
    writer.message(SCHEMA.additionalProperties, (item) => item.message(1, (value) => writeSchema(value, values)));
  }
  if (isObject(items)) {
    writer.message(SCHEMA.items, (item) => item.message(1, (value) => writeSchema(value, items)));
  }
  if (!isObject(properties)) return;
  writer.message(SCHEMA.properties, (list) => {
    for (const [name, child] of Object.entries(properties)) {
      if (isObject(child)) writeNamed(list, 1, name, (value) => writeSchema(value, child));
    }
  });
}

/** What Kubernetes adds to OpenAPI; JSON is YAML, too. */
function writeExtensions(writer: ProtobufWriter, field: number, holder: JsonObject): void {
  for (const [key, value] of Object.entries(holder)) {
    if (!key.startsWith("x-")) continue;
    writeNamed(writer, field, key, (any) => any.text(YAML, JSON.stringify(value)));
  }
}
