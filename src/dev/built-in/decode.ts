// Reads objects of built-in kinds as Go's JSON decoder does: types, unknown fields, nulls, what is left out when empty.

import { fieldPath, isList, isObject, type JsonObject, type Step } from "../json.ts";
import type { Schema } from "../kube/schema.ts";
import { parseQuantity } from "./quantity.ts";
import { parseMicroTime, parseTime } from "./time.ts";

/** A value that can't be read. */
export interface Unreadable {
  /** In Go's words. */
  readonly why: string;
  readonly path: readonly Step[];
}

/** What decoding came to. */
export type Decoded =
  | { readonly ok: true; readonly object: JsonObject; readonly unknown: readonly string[] }
  | {
    readonly ok: false;
    readonly why: string;
    /** Everything that can't be read; Go tells of the first alone. */
    readonly failures: readonly Unreadable[];
  };

/**
 * Decodes an object.
 * @param schema of a built-in kind
 * @returns the object as Go would write it again, and the paths of fields the kind does not have, in their order
 */
export function decodeObject(schema: Schema, content: JsonObject): Decoded {
  const decoder = new Decoder();
  const object = decoder.struct(schema, content);
  const { failures } = decoder;
  const [first] = failures;
  if (first !== undefined) return { ok: false, why: first.why, failures };
  return { ok: true, object, unknown: decoder.unknown };
}

/** What Go writes for a field that nobody set. */
export function zeroOf(schema: Schema): unknown {
  if (schema.goField === "pointer") return null;
  if (schema.goType === "resource.Quantity") return "0";
  if (schema.goType === "intstr.IntOrString") return 0;
  if (schema.format === "date-time" || schema.format === "byte") return null;
  if (schema.properties !== undefined) return schema.goField === "always" ? withZeros(schema, {}) : null;
  if (schema.type === "string") return "";
  if (schema.type === "integer" || schema.type === "number") return 0;
  return schema.type === "boolean" ? false : null;
}

/** Adds the fields that Go writes even when they are empty. */
function withZeros(schema: Schema, object: JsonObject): JsonObject {
  for (const [name, field] of alwaysFields(schema)) {
    if (object[name] === undefined) object[name] = zeroOf(field);
  }
  return object;
}

const alwaysBySchema = new WeakMap<Schema, readonly (readonly [string, Schema])[]>();

function alwaysFields(schema: Schema): readonly (readonly [string, Schema])[] {
  const known = alwaysBySchema.get(schema);
  if (known !== undefined) return known;
  const required = new Set(schema.required);
  const found = Object.entries(schema.properties ?? {}).filter(([name, field]) =>
    field.goField === "always" || required.has(name)
  );
  alwaysBySchema.set(schema, found);
  return found;
}

class Decoder {
  readonly failures: Unreadable[] = [];
  readonly unknown: string[] = [];
  /** Names of fields down to the value, as Go tells them: without indexes. */
  readonly #names: string[] = [];
  readonly #steps: Step[] = [];
  /** The struct that holds the current field. */
  #struct = "";

  struct(schema: Schema, value: JsonObject): JsonObject {
    const properties = schema.properties ?? {};
    const decoded: JsonObject = {};
    for (const [name, item] of Object.entries(value)) {
      const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
      this.#steps.push(name);
      if (field === undefined) this.unknown.push(fieldPath(this.#steps));
      else this.#field(schema, decoded, { name, field, item });
      this.#steps.pop();
    }
    return withZeros(schema, decoded);
  }

  #field(
    schema: Schema,
    decoded: JsonObject,
    { name, field, item }: { readonly name: string; readonly field: Schema; readonly item: unknown },
  ): void {
    if (item === null) return;
    const outer = this.#struct;
    this.#struct = shortName(schema.goType ?? "");
    this.#names.push(name);
    const value = this.#value(field, item);
    this.#names.pop();
    this.#struct = outer;
    if (value === undefined) return;
    if (!isEmpty(value)) decoded[name] = value;
    else if (isKept(schema, name, field)) decoded[name] = isCollection(field) ? null : value;
  }

  /** @returns undefined when the value is wrong, which is noted */
  #value(schema: Schema, value: unknown): unknown {
    const special = specialTypes[schema.goType ?? ""];
    if (special !== undefined) return this.#special(special(value));
    if (schema["x-kubernetes-preserve-unknown-fields"] === true) return value;
    if (schema.properties !== undefined) {
      return isObject(value) ? this.struct(schema, value) : this.#mismatch(schema, value);
    }
    if (schema.type === "array") {
      return isList(value) ? this.#list(schema.items ?? {}, value) : this.#mismatch(schema, value);
    }
    if (schema.type === "object") return isObject(value) ? this.#map(schema, value) : this.#mismatch(schema, value);
    return this.#plain(schema, value);
  }

  /** A text, a number, a yes or no. */
  #plain(schema: Schema, value: unknown): unknown {
    switch (schema.type) {
      case "string":
        return this.#text(schema, value);
      case "integer":
        return isWhole(value, schema.format) ? value : this.#mismatch(schema, value);
      case "number":
        return typeof value === "number" ? value : this.#mismatch(schema, value);
      default:
        return typeof value === "boolean" ? value : this.#mismatch(schema, value);
    }
  }

  #text(schema: Schema, value: unknown): unknown {
    if (typeof value !== "string") return this.#mismatch(schema, value);
    if (schema.format !== "byte") return value;
    const wrong = base64Mistake(value);
    if (wrong === -1) return value.replace(/[\r\n]/g, "");
    return this.#fail(`illegal base64 data at input byte ${wrong}`);
  }

  #list(items: Schema, list: readonly unknown[]): unknown[] {
    return list.map((item, at) => {
      this.#steps.push(at);
      const value = item === null ? zeroOf({ ...items, goField: "always" }) : this.#value(items, item);
      this.#steps.pop();
      return value;
    });
  }

  #map({ additionalProperties }: Schema, map: JsonObject): JsonObject {
    const values: Schema = typeof additionalProperties === "object" ? additionalProperties : {};
    const decoded: JsonObject = {};
    for (const [key, item] of Object.entries(map)) {
      this.#steps.push(key);
      const value = item === null ? (values.format === "byte" ? "" : zeroOf(values)) : this.#value(values, item);
      if (value !== undefined) decoded[key] = value;
      this.#steps.pop();
    }
    return decoded;
  }

  #special(read: SpecialRead): unknown {
    if (read.ok) return read.value;
    return this.#fail(read.why);
  }

  #mismatch(schema: Schema, value: unknown): undefined {
    const field = `${this.#struct}.${this.#names.join(".")}`;
    const found = goWord(schema, value);
    return this.#fail(`json: cannot unmarshal ${found} into Go struct field ${field} of type ${goTypeOf(schema)}`);
  }

  #fail(why: string): undefined {
    this.failures.push({ why, path: [...this.#steps] });
    return undefined;
  }
}

type SpecialRead = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string };

/** Types that read JSON in their own way; their mistakes name no field. */
const specialTypes: Readonly<Record<string, (value: unknown) => SpecialRead>> = {
  "intstr.IntOrString": (value) => {
    if (typeof value === "string" || isWhole(value, "int32")) return { ok: true, value };
    return {
      ok: false,
      why: `json: cannot unmarshal ${goWord({ type: "integer" }, value)} into Go value of type int32`,
    };
  },
  "resource.Quantity": (value) => parseQuantity(value),
  "v1.Time": (value) => typeof value === "string" ? parseTime(value) : notText(value),
  "v1.MicroTime": (value) => typeof value === "string" ? parseMicroTime(value) : notText(value),
  "runtime.RawExtension": (value) => ({ ok: true, value }),
  "v1.FieldsV1": (value) => ({ ok: true, value }),
};

function notText(value: unknown): SpecialRead {
  return { ok: false, why: `json: cannot unmarshal ${goWord({}, value)} into Go value of type string` };
}

/** How Go's decoder names what it found; numbers that are of the right kind, but don't fit, are quoted. */
function goWord(schema: Schema, value: unknown): string {
  if (isList(value)) return "array";
  if (isObject(value)) return "object";
  if (typeof value === "boolean") return "bool";
  return typeof value === "number" && schema.type === "integer" ? `number ${value}` : typeof value;
}

function goTypeOf(schema: Schema): string {
  if (schema.goType !== undefined) return schema.goType;
  if (schema.type === "array") return `[]${goTypeOf(schema.items ?? {})}`;
  const values = schema.additionalProperties;
  return typeof values === "object" ? `map[string]${goTypeOf(values)}` : "interface {}";
}

/** `v1.ServicePort` without its package. */
function shortName(goType: string): string {
  return goType.slice(goType.lastIndexOf(".") + 1);
}

const RANGE: Readonly<Record<string, number>> = { int32: 2 ** 31, int64: 2 ** 63 };

function isWhole(value: unknown, format = "int64"): value is number {
  const limit = RANGE[format] ?? Infinity;
  return typeof value === "number" && Number.isInteger(value) && value < limit && value >= -limit;
}

/** What `omitempty` leaves out. */
function isEmpty(value: unknown): boolean {
  if (isList(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === "" || value === 0 || value === false;
}

function isKept(schema: Schema, name: string, field: Schema): boolean {
  if (field.goField !== undefined || schema.required?.includes(name) === true) return true;
  const isStruct = field.properties !== undefined || field["x-kubernetes-preserve-unknown-fields"] === true;
  return isStruct || field.type === undefined;
}

/** Lists and maps: empty ones are null, as they come back from a real server's storage. */
function isCollection(field: Schema): boolean {
  return field.type === "array" || field.additionalProperties !== undefined;
}

const BASE64 = /^[A-Za-z0-9+/]*/;

/** @returns where base64 text is wrong, as Go counts, or -1 */
function base64Mistake(text: string): number {
  const plain = text.replace(/[\r\n]/g, "");
  const good = BASE64.exec(plain)?.[0].length ?? 0;
  const rest = plain.slice(good);
  const over = good % 4;
  if (rest === "") return over === 0 ? -1 : good - over;
  if (!rest.startsWith("=")) return good;
  if (over < 2) return good;
  if (over === 3) return rest === "=" ? -1 : good + 1;
  return rest === "==" ? -1 : rest === "=" ? good + 1 : good + (rest.startsWith("==") ? 2 : 1);
}
