// IngressRoute objects → routers, and the services that belong to them alone.

import type { HttpRouter, Observability, RouterTls } from "../../../config/dynamic.ts";
import type { FieldPath } from "../../../schema/path.ts";
import type { Source } from "../../../schema/problem.ts";
import type { KubeObject } from "../store/object.ts";
import { traefikServiceKey } from "./child-service.ts";
import { NO_SERVERS, translateServiceRef } from "./load-balancer.ts";
import { resolveMiddlewares } from "./middleware-refs.ts";
import { keyOf, matchHash, routerName } from "./names.ts";
import { sourceOf } from "./parse.ts";
import { authorise, type Referrer } from "./reference.ts";
import type { IngressRouteSpec, RouteSpec, TlsSpec } from "./schema-ingress-route.ts";
import type { TraefikGroup } from "./schemas.ts";
import { childrenOf } from "./traefik-service.ts";
import { objectKey, type Translation } from "./translation.ts";

/** Adds the routes of one object to the configuration, or what is wrong with them to the problems. */
export function translateIngressRoute(translation: Translation, object: KubeObject, group: TraefikGroup): void {
  if (!isOfClass(object, translation.options.ingressClass)) return;
  const { value, problems } = translation.parser.ingressRoute(object);
  translation.problems.push(...problems);
  if (value === undefined) return;
  const source = sourceOf(object);
  if ((value.parentRefs ?? []).length > 0) {
    // Served on its own, the route would skip its parent's middlewares.
    translation.report(source, ["spec", "parentRefs"], {
      code: "unsupported-field",
      message: '"parentRefs" is not served yet: this IngressRoute is left out',
    });
    return;
  }
  new RouteTranslator(translation, object, value, group).translateAll();
}

const CLASS_ANNOTATION = "kubernetes.io/ingress.class";
const DEFAULT_CLASS = "traefik";

/** The annotation wins over `spec.ingressClassName`, as with Ingress. Read before parsing: other classes are not ours to judge. */
function isOfClass({ metadata, raw }: KubeObject, wanted: string): boolean {
  const spec = raw["spec"];
  const field = typeof spec === "object" && spec !== null && "ingressClassName" in spec ? spec.ingressClassName : "";
  const found = metadata.annotations[CLASS_ANNOTATION] ?? field ?? "";
  return wanted === "" ? found === "" || found === DEFAULT_CLASS : found === wanted;
}

/** The routes of one object. */
class RouteTranslator {
  readonly #translation: Translation;
  readonly #object: KubeObject;
  readonly #spec: IngressRouteSpec;
  readonly #group: TraefikGroup;
  readonly #source: Source;
  readonly #referrer: Referrer;

  constructor(translation: Translation, object: KubeObject, spec: IngressRouteSpec, group: TraefikGroup) {
    this.#translation = translation;
    this.#object = object;
    this.#spec = spec;
    this.#group = group;
    this.#source = sourceOf(object);
    const { namespace, name } = object.metadata;
    this.#referrer = { key: objectKey("IngressRoute", group, namespace, name), group, namespace, source: this.#source };
  }

  translateAll(): void {
    const { namespace, name } = this.#object.metadata;
    const tls = this.#tls(this.#spec.tls);
    const seen = new Map<string, number>();
    for (const [index, route] of this.#spec.routes.entries()) {
      const hash = hashOf(route);
      const repeated = seen.get(hash) ?? 0;
      seen.set(hash, repeated + 1);
      const displayName = routerName(namespace, name, hash);
      this.#translate(route, { key: this.#key(hash, repeated), displayName, path: ["spec", "routes", index] }, tls);
    }
  }

  /** By the rule and not by the index, so that a router keeps its state when routes move. */
  #key(hash: string, repeated: number): string {
    const key = keyOf(this.#referrer.key, hash);
    return repeated === 0 ? key : keyOf(key, repeated);
  }

  #translate(route: RouteSpec, named: Named, tls: RouterTls | "none" | "refused"): void {
    const { key, displayName, path } = named;
    const { problems } = this.#translation;
    const before = problems.length;
    const middlewares = this.#middlewares(route, path);
    const usable = middlewares !== undefined && tls !== "refused";
    // A route that lost a middleware stays, and answers 503: dropped, its requests would fall to a wider route.
    const service = usable ? this.#service(route, named) : this.#dead(key, displayName);
    const found = problems.slice(before).filter(({ severity }) => severity === "error");
    const defects = [...tlsDefects(tls), ...found.map(({ message }) => message)];
    this.#translation.routers[key] = {
      ...this.#plainFields(route),
      rulePath: [...path, "match"],
      displayName,
      source: this.#source,
      ...(usable && middlewares.length > 0 && { middlewares }),
      service,
      ...(defects.length > 0 && { defects }),
      ...(tls !== "none" && { tls: tls === "refused" ? {} : tls }),
    };
  }

  /** What needs no looking up. */
  #plainFields(route: RouteSpec): Omit<HttpRouter, "service" | "rulePath"> {
    const { entryPoints = [] } = this.#spec;
    return {
      ...(entryPoints.length > 0 && { entryPoints }),
      rule: route.match,
      ruleSyntax: route.syntax ?? (this.#group === "traefik.io" ? "v3" : "v2"),
      ...(route.priority !== undefined && { priority: route.priority }),
      ...(route.observability !== undefined && { observability: observabilityOf(route.observability) }),
    };
  }

  #middlewares(route: RouteSpec, path: FieldPath): readonly string[] | undefined {
    return resolveMiddlewares(this.#translation, route.middlewares ?? [], [...path, "middlewares"], this.#referrer);
  }

  /** One Service: a load balancer under the router's name; one TraefikService: itself; several: weighted. */
  #service(route: RouteSpec, { key, displayName, path }: Named): string {
    const translation = this.#translation;
    const refs = route.services ?? [];
    const [ref] = refs;
    const at = [...path, "services"];
    if (ref === undefined) {
      translation.report(this.#source, at, {
        code: "missing-field",
        message: '"services" is empty: the route has nowhere to send requests, and answers 503',
      });
      return this.#dead(key, displayName);
    }
    if (refs.length > 1) {
      const services = childrenOf(translation, refs, at, this.#referrer);
      translation.services[key] = { kind: "weighted", services, displayName, source: this.#source };
      return key;
    }
    const placed = { ref, path: [...at, 0], referrer: this.#referrer };
    if (ref.kind === "TraefikService") return traefikServiceKey(translation, placed) ?? this.#dead(key, displayName);
    translation.services[key] = { ...translateServiceRef(translation, placed).service, displayName };
    return key;
  }

  #dead(key: string, displayName: string): string {
    this.#translation.services[key] = { ...NO_SERVERS, displayName, source: this.#source };
    return key;
  }

  #tls(spec: TlsSpec | undefined): RouterTls | "none" | "refused" {
    if (spec === undefined) return "none";
    const options = spec.options === undefined ? undefined : this.#tlsOptions(spec.options);
    if (options === "refused") return "refused";
    const domains = (spec.domains ?? []).flatMap(({ main, sans }) =>
      main === undefined ? [] : [{ main, ...(sans !== undefined && { sans }) }]
    );
    return {
      ...(options !== undefined && { options }),
      ...(spec.certResolver !== undefined && { certResolver: spec.certResolver }),
      ...(domains.length > 0 && { domains }),
    };
  }

  #tlsOptions({ name, namespace }: NonNullable<TlsSpec["options"]>): string {
    if (name === "default") return name; // the global one, whatever the namespace
    const path = ["spec", "tls", "options"];
    const reference = {
      kind: "TLSOption",
      name,
      namespace,
      path: [...path, "name"],
      namespacePath: [...path, "namespace"],
      crossProvider: true,
    };
    const target = authorise(reference, this.#referrer, this.#translation.options);
    if (target.type === "qualified") return target.name;
    if (target.type === "object") return objectKey("TLSOption", this.#group, target.namespace, target.name);
    this.#translation.problems.push(target.problem);
    return "refused";
  }
}

/** Refused TLS options are reported once per object, and concern all its routes. */
function tlsDefects(tls: RouterTls | "none" | "refused"): readonly string[] {
  return tls === "refused" ? ["its TLS options are refused"] : [];
}

/** Routes are parsed once and hashed once; the hash is the costly part of a translation. */
const hashes = new WeakMap<RouteSpec, string>();

function hashOf(route: RouteSpec): string {
  let hash = hashes.get(route);
  if (hash === undefined) hashes.set(route, hash = matchHash(route.match));
  return hash;
}

/** A router's key, its name for people, and where its route stands. */
interface Named {
  readonly key: string;
  readonly displayName: string;
  readonly path: FieldPath;
}

function observabilityOf(spec: NonNullable<RouteSpec["observability"]>): Observability {
  const { accessLogs, metrics, tracing } = spec;
  return {
    ...(accessLogs !== undefined && { accessLogs }),
    ...(metrics !== undefined && { metrics }),
    ...(tracing !== undefined && { tracing }),
  };
}
