// Which annotations Ingresses and Services may have.

import * as z from "zod";
import { observabilitySchema, routerTlsSchema } from "../../../config/router-schema.ts";
import { stickySchema } from "../../../config/service-schema.ts";
import { integer, nonEmptyString, oneOf } from "../../../schema/primitives.ts";
import { SCHEMES } from "../backend/http-servers.ts";
import { type Annotations, readAnnotations, type Vocabulary } from "./annotations.ts";
import type { KubeObject } from "../store/object.ts";
import { type LegacyIngress, legacyIngress } from "./legacy-ingress.ts";
import { type LegacyService, legacyService } from "./legacy-service.ts";

/** Matchers for paths of the type ImplementationSpecific. */
export const pathMatchers = ["Path", "PathPrefix", "PathRegexp"] as const;

/** Below `traefik.ingress.kubernetes.io/router.`, in any case. */
const router = z.strictObject({
  entryPoints: z.array(nonEmptyString).optional(),
  middlewares: z.array(nonEmptyString).optional(),
  priority: integer().optional(),
  pathMatcher: oneOf(pathMatchers).optional(),
  ruleSyntax: oneOf(["v3", "v2", "default"]).optional(),
  tls: routerTlsSchema.optional(),
  observability: observabilitySchema.optional(),
});

/** Below `traefik.ingress.kubernetes.io/service.`, in any case. */
const service = z.strictObject({
  serversScheme: oneOf(SCHEMES).optional(),
  serversTransport: nonEmptyString.optional(),
  passHostHeader: z.boolean().optional(),
  nativeLB: z.boolean().optional(),
  nodePortLB: z.boolean().optional(),
  middlewares: z.array(nonEmptyString).optional(),
  sticky: stickySchema.optional(),
});

/** Today's annotations of an Ingress. */
export type RouterOptions = z.infer<typeof router>;
/** Today's annotations of a Service. */
export type ServiceOptions = z.infer<typeof service>;

/** All annotations of an Ingress. */
export type IngressAnnotations = Annotations<RouterOptions, LegacyIngress>;
/** All annotations of a Service. */
export type ServiceAnnotations = Annotations<ServiceOptions, LegacyService>;

const ingressVocabulary: Vocabulary<RouterOptions, LegacyIngress> = {
  kind: "Ingress",
  section: "router",
  modern: router,
  legacy: legacyIngress,
  elsewhere: legacyService,
};

const serviceVocabulary: Vocabulary<ServiceOptions, LegacyService> = {
  kind: "Service",
  section: "service",
  modern: service,
  legacy: legacyService,
  elsewhere: legacyIngress,
};

/** Reads the annotations of an Ingress. */
export function readIngressAnnotations(ingress: KubeObject): IngressAnnotations {
  return readAnnotations(ingress, ingressVocabulary);
}

/** Reads the annotations of a Service. */
export function readServiceAnnotations(object: KubeObject): ServiceAnnotations {
  return readAnnotations(object, serviceVocabulary);
}
