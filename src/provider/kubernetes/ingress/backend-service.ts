// The backend of a path → a load balancer, as the annotations of its Service want it, or one without servers.

import { toService } from "../../../config/decode-part.ts";
import type { LoadBalancer, Server } from "../../../config/dynamic.ts";
import type { FieldPath } from "../../../schema/path.ts";
import { type Behaviour, NO_SERVERS } from "../backend/behaviour.ts";
import { report } from "../backend/context.ts";
import { httpServersOf } from "../backend/http-servers.ts";
import { keyOf, normalize } from "../names.ts";
import { sourceOf } from "../parse.ts";
import type { Referrer } from "../reference.ts";
import type { KubeObject } from "../store/object.ts";
import { backendFieldPath } from "./convert.ts";
import { serviceLimits } from "./legacy-limits.ts";
import type { LegacyService } from "./legacy-service.ts";
import type { IngressBackend } from "./schema-ingress.ts";
import type { IngressTranslation } from "./translation.ts";
import type { ServiceAnnotations, ServiceOptions } from "./vocabulary.ts";

/** A backend where it stands. */
export interface PlacedBackend {
  readonly backend: IngressBackend;
  /** The API version of the object that holds it: fields have other places in v1beta1. */
  readonly apiVersion: string;
  readonly path: FieldPath;
  /** What Traefik 1's annotations of the Ingress say of servers. */
  readonly wishes: ServerWishes;
}

/** Absent: the Service's annotations, or defaults. */
export interface ServerWishes {
  readonly passHostHeader?: boolean | undefined;
  readonly scheme?: string | undefined;
}

/** A service in the configuration. */
export interface AddedService {
  readonly key: string;
  /** Servers it has at the moment. */
  readonly servers: number;
}

/** A Service that was found, and what its annotations say. */
interface FoundService {
  readonly name: string;
  readonly port: number | string | undefined;
  readonly object: KubeObject;
  readonly annotations: ServiceAnnotations;
}

/** Adds the service to the configuration. @returns undefined when something is wrong, which has been reported */
export function addBackendService(translation: IngressTranslation, placed: PlacedBackend): AddedService | undefined {
  const { service: named } = placed.backend;
  if (named === undefined) return void reportNoService(translation, placed);
  const port = named.port?.number ?? named.port?.name;
  const object = translation.snapshot.get("/Service", translation.referrer.namespace, named.name);
  const annotations = object && translation.parser.serviceAnnotations(object);
  translation.problems.push(...annotations?.problems ?? []);
  const servers = serversOf(translation, placed, { name: named.name, port, options: annotations?.value?.modern });
  if (servers === undefined || object === undefined || annotations === undefined) return undefined;
  const found = { name: named.name, port, object, annotations };
  const behaviour = behaviourOf(translation, found, placed.wishes);
  if (behaviour === undefined) return void reportBadAnnotations(translation, placed, named.name);
  if (servers.length === 0) warnEmpty(translation, placed, named.name);
  const key = keyOfService(found, placed.wishes);
  const displayName = normalize(`${translation.referrer.namespace}-${named.name}-${port ?? ""}`);
  const source = sourceOf(object);
  translation.sections.services[key] = { kind: "loadBalancer", servers, ...behaviour, displayName, source };
  return { key, servers: servers.length };
}

/** The same Service and port under other wishes is another load balancer, though it has the same name for people. */
function keyOfService({ object, name, port }: FoundService, { passHostHeader, scheme }: ServerWishes): string {
  const variant = [String(passHostHeader ?? ""), scheme ?? ""];
  const isPlain = variant.every((wish) => wish === "");
  return keyOf("Service", object.metadata.namespace, name, port ?? "", ...isPlain ? [] : variant);
}

function serversOf(
  translation: IngressTranslation,
  { apiVersion, path, wishes }: PlacedBackend,
  { name, port, options }: Pick<FoundService, "name" | "port"> & { readonly options: ServiceOptions | undefined },
): readonly Server[] | undefined {
  return httpServersOf(translation, {
    name,
    namespace: undefined,
    port,
    protocol: "TCP",
    nativeLB: options?.nativeLB,
    nodePortLB: options?.nodePortLB,
    scheme: options?.serversScheme ?? wishes.scheme,
    path,
    paths: { name: backendFieldPath(apiVersion, path, "name"), port: backendFieldPath(apiVersion, path, "port") },
  }, translation.referrer);
}

/** Adds a service that answers 503, in place of one that can't be had. @param router key of who would use it */
export function addDeadService(translation: IngressTranslation, router: string, displayName: string): string {
  const key = keyOf("unavailable", router);
  const dead: LoadBalancer = { ...NO_SERVERS, displayName, source: translation.referrer.source };
  translation.sections.services[key] = dead;
  return key;
}

/** @returns undefined when a middleware or transport is missing: serving without it could be wrong or unsafe */
function behaviourOf(
  translation: IngressTranslation,
  { object, annotations }: FoundService,
  wishes: ServerWishes,
): Behaviour | undefined {
  const { value } = annotations;
  if (value === undefined) return undefined;
  const { modern, legacy } = value;
  const middlewares = middlewaresOf(translation, object, annotations);
  const serversTransport = transportOf(translation, object, annotations);
  if (middlewares === undefined || serversTransport === "refused") return undefined;
  const service = toService({
    loadBalancer: {
      servers: [],
      strategy: "wrr",
      passHostHeader: modern.passHostHeader ?? wishes.passHostHeader ?? true,
      sticky: modern.sticky ?? stickyOf(legacy),
      serversTransport,
      middlewares: middlewares.length > 0 ? [...middlewares] : undefined,
    },
  });
  if (service?.kind !== "loadBalancer") return undefined;
  const { kind: _, servers: __, ...behaviour } = service;
  return behaviour;
}

function transportOf(
  translation: IngressTranslation,
  object: KubeObject,
  { value, names }: ServiceAnnotations,
): string | undefined | "refused" {
  const name = value?.modern.serversTransport;
  if (name === undefined) return undefined;
  const path = ["metadata", "annotations", names.get("service.serversTransport") ?? ""];
  const reference = { kind: "ServersTransport", name, path, referrer: referrerOf(object) };
  return translation.resolveQualified(reference) ?? "refused";
}

/** Traefik 1's cookie had no attributes but its path. */
function stickyOf({ affinity, "session-cookie-name": name }: LegacyService) {
  if (affinity !== true) return undefined;
  return { cookie: { name: name === "" ? undefined : name, secure: false, httpOnly: false, maxAge: 0, path: "/" } };
}

function middlewaresOf(
  translation: IngressTranslation,
  object: KubeObject,
  { value, names }: ServiceAnnotations,
): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const referrer = referrerOf(object);
  const at = (annotation: string) => ["metadata", "annotations", names.get(annotation) ?? annotation];
  const drafts = serviceLimits(value.legacy, {
    refuse: (annotation, message, hint) =>
      void report(translation, { source: sourceOf(object), path: at(annotation) }, {
        code: "invalid-value",
        message,
        ...(hint !== undefined && { hint }),
      }),
  });
  if (drafts === undefined) return undefined;
  const added = drafts.map((draft) => translation.addMiddleware(draft, { object, names, scope: "" }));
  const wanted = (value.modern.middlewares ?? []).map((name) =>
    translation.resolveQualified({ kind: "Middleware", name, path: at("service.middlewares"), referrer })
  );
  const all = [...added, ...wanted];
  const usable = all.filter((each) => each !== undefined);
  return usable.length === all.length ? usable : undefined;
}

function referrerOf(service: KubeObject): Referrer {
  const { namespace, name } = service.metadata;
  return { key: keyOf("Service", namespace, name), namespace, source: sourceOf(service) };
}

function reportNoService(translation: IngressTranslation, { backend: { resource }, path }: PlacedBackend): void {
  if (resource === undefined) {
    return translation.report(path, { code: "missing-field", message: "the backend names no Service" });
  }
  translation.report(path, {
    code: "resource-backend",
    message: `the backend is a ${resource.kind}, ${JSON.stringify(resource.name)}: only Services are served`,
    hint: "name a Service",
  });
}

function reportBadAnnotations(translation: IngressTranslation, { path }: PlacedBackend, name: string): void {
  const message = `the annotations of the Service ${JSON.stringify(name)} can't be followed`;
  translation.report(path, { code: "unusable-reference", message });
}

function warnEmpty(translation: IngressTranslation, { path }: PlacedBackend, name: string): void {
  if (translation.options.allowEmptyServices !== false) return;
  translation.report(path, {
    severity: "warning",
    code: "empty-service",
    message: `the Service ${JSON.stringify(name)} has no endpoints; it answers 503`,
    hint: `set ${translation.options.optionPrefix}.allowEmptyServices=true to expect that`,
  });
}
