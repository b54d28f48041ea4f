// Parsed Ingresses and annotations, each parsed once.

import { type BackendParser, createBackendParser, type ParseKind, remember } from "../backend/parser.ts";
import type { MiddlewareSchemas } from "../backend/middleware-schemas.ts";
import { parseWith, sourceOf } from "../parse.ts";
import type { KubeObject } from "../store/object.ts";
import { fromOldIngress, isOldVersion } from "./convert.ts";
import { type IngressSpec, ingressSpec, oldIngressSpec } from "./schema-ingress.ts";
import {
  type IngressAnnotations,
  readIngressAnnotations,
  readServiceAnnotations,
  type ServiceAnnotations,
} from "./vocabulary.ts";

/** Parsers of everything the Ingress provider reads. */
export interface IngressParser extends BackendParser {
  /** In the shape of v1, whatever the version. */
  readonly ingress: ParseKind<IngressSpec>;
  readonly ingressAnnotations: (ingress: KubeObject) => IngressAnnotations;
  readonly serviceAnnotations: (service: KubeObject) => ServiceAnnotations;
  readonly middlewares: MiddlewareSchemas;
}

/** Objects are never changed in place, so what was parsed stays true as long as they live. */
export function createIngressParser(middlewares: MiddlewareSchemas): IngressParser {
  return {
    ...createBackendParser(),
    ingress: remember(parseIngress),
    ingressAnnotations: rememberEach(readIngressAnnotations),
    serviceAnnotations: rememberEach(readServiceAnnotations),
    middlewares,
  };
}

function parseIngress(object: KubeObject): ReturnType<ParseKind<IngressSpec>> {
  const context = { path: ["spec"], source: sourceOf(object) };
  if (!isOldVersion(object.apiVersion)) {
    const { value = {}, problems } = parseWith(ingressSpec, object.raw["spec"], context);
    return isBroken(problems) ? { problems } : { value, problems };
  }
  const { value = {}, problems } = parseWith(oldIngressSpec, object.raw["spec"], context);
  return isBroken(problems) ? { problems } : { value: fromOldIngress(value), problems };
}

function isBroken(problems: ReturnType<ParseKind<IngressSpec>>["problems"]): boolean {
  return problems.some(({ severity }) => severity === "error");
}

function rememberEach<T>(read: (object: KubeObject) => T): (object: KubeObject) => T {
  const known = new WeakMap<KubeObject, T>();
  return (object) => {
    let value = known.get(object);
    if (value === undefined) known.set(object, value = read(object));
    return value;
  };
}
