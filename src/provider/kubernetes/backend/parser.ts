// Parsed objects of the built-in kinds, each parsed once: a change of one must not cost the parsing of all the others.

import type * as z from "zod";
import { type Parsed, parseWith, sourceOf } from "../parse.ts";
import type { KubeObject } from "../store/object.ts";
import {
  type EndpointSlice,
  endpointSlice,
  type NodeStatus,
  nodeStatus,
  type ServiceSpec,
  serviceSpec,
} from "./schema.ts";
import { parseConfigMap, parseSecret, type Values } from "./secret.ts";

/** Parses objects of one kind; the same object gives the same answer. */
export type ParseKind<T> = (object: KubeObject) => Parsed<T>;

/** Parsers of the built-in kinds that every provider reads. */
export interface BackendParser {
  readonly service: ParseKind<ServiceSpec>;
  readonly endpointSlice: ParseKind<EndpointSlice>;
  readonly node: ParseKind<NodeStatus>;
  readonly secret: ParseKind<Values>;
  readonly configMap: ParseKind<Values>;
}

/** Objects are never changed in place, so what was parsed stays true as long as they live. */
export function createBackendParser(): BackendParser {
  return {
    service: remember(byField("spec", serviceSpec)),
    endpointSlice: remember((object) => parseWith(endpointSlice, object.raw, { path: [], source: sourceOf(object) })),
    node: remember(byField("status", nodeStatus)),
    secret: remember(parseSecret),
    configMap: remember(parseConfigMap),
  };
}

/** A parser that answers the second question about an object from memory. */
export function remember<T>(parse: ParseKind<T>): ParseKind<T> {
  const known = new WeakMap<KubeObject, Parsed<T>>();
  return (object) => {
    let parsed = known.get(object);
    if (parsed === undefined) known.set(object, parsed = parse(object));
    return parsed;
  };
}

/** A parser of one field of an object, by a schema. */
export function byField<T>(field: "spec" | "status", schema: z.ZodType<T>): ParseKind<T> {
  return (object) => parseWith(schema, object.raw[field], { path: [field], source: sourceOf(object) });
}
