// What the translators of IngressRoute, IngressRouteTCP and IngressRouteUDP begin with.

import { keyOf, matchHash } from "../names.ts";
import { type Parsed, sourceOf } from "../parse.ts";
import type { KubeObject } from "../store/object.ts";
import type { TraefikGroup } from "../traefik-group.ts";
import { isOfClass } from "./ingress-class.ts";
import type { TraefikKind } from "./parser.ts";
import type { CrdReferrer } from "./placed-ref.ts";
import { objectKey, type Translation } from "./translation.ts";

/** A route object that is to be translated. */
export interface RouteObject<Spec> {
  readonly translation: Translation;
  readonly spec: Spec;
  readonly name: string;
  readonly referrer: CrdReferrer;
}

/** The object and its kind. */
export interface KindOfRoute<Spec> {
  readonly kind: TraefikKind;
  readonly object: KubeObject;
  readonly group: TraefikGroup;
  readonly parse: (object: KubeObject) => Parsed<Spec>;
}

/** @returns undefined for objects of another class, and for those that can't be parsed, which has been reported */
export function openRouteObject<Spec>(
  translation: Translation,
  { kind, object, group, parse }: KindOfRoute<Spec>,
): RouteObject<Spec> | undefined {
  if (!isOfClass(object, translation.options.ingressClass)) return undefined;
  const { value, problems } = parse(object);
  translation.problems.push(...problems);
  if (value === undefined) return undefined;
  const { namespace, name } = object.metadata;
  const referrer = { key: objectKey(kind, group, namespace, name), group, namespace, source: sourceOf(object) };
  return { translation, spec: value, name, referrer };
}

/** Routes are parsed once and hashed once; the hash is the costly part of a translation. */
const hashes = new WeakMap<object, string>();

/** Traefik's hash of a route's rule. */
export function hashOf(route: { readonly match: string }): string {
  let hash = hashes.get(route);
  if (hash === undefined) hashes.set(route, hash = matchHash(route.match));
  return hash;
}

/** Keys of the routes of one object, in their order: by the rule and not by the index, so that a router keeps its state when routes move. */
export class RouteKeys {
  readonly #prefix: string;
  readonly #seen: Map<string, number>;

  constructor({ key }: CrdReferrer) {
    this.#prefix = key;
    this.#seen = new Map();
  }

  /** The key of the next route. */
  next(hash: string): string {
    const repeated = this.#seen.get(hash) ?? 0;
    this.#seen.set(hash, repeated + 1);
    const key = keyOf(this.#prefix, hash);
    return repeated === 0 ? key : keyOf(key, repeated);
  }
}
