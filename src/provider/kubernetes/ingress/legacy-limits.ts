// Traefik 1's limits and error pages, of Ingresses and of Services.

import {
  criterionOf,
  type Drafts,
  EXTRACTORS,
  type LegacyLookUp,
  type LegacyPath,
  type MiddlewareDraft,
} from "./legacy-middleware.ts";
import type { LegacyService } from "./legacy-service.ts";

/** `rate-limit`: all rates of the set are in force together. */
export function rateLimits({ options, lookUp }: LegacyPath): Drafts {
  const limits = options["rate-limit"];
  if (limits === undefined) return [];
  const { extractorFunc = "client.ip", rateSet } = limits;
  const sourceCriterion = criterionOf(extractorFunc);
  if (sourceCriterion === undefined) return badExtractor(lookUp, "rate-limit", extractorFunc);
  return Object.entries(rateSet).map(([name, { period, average, burst }]) => ({
    name: `rate-limit-${name}`,
    kind: "rateLimit",
    options: { period, average, burst, sourceCriterion },
    annotation: "rate-limit",
  }));
}

/** `error-pages`. */
export function errorPages({ options, lookUp }: LegacyPath): Drafts {
  const drafts: MiddlewareDraft[] = [];
  for (const [name, { status, backend, query }] of Object.entries(options["error-pages"] ?? {})) {
    const service = lookUp.errorService("error-pages", backend);
    if (service === undefined) return undefined;
    const page = { status, service, ...(query !== undefined && { query }) };
    drafts.push({ name: `error-pages-${name}`, kind: "errors", options: page, annotation: "error-pages" });
  }
  return drafts;
}

/** What the annotations of a Service put before its servers, the outermost first. */
export function serviceLimits(options: LegacyService, lookUp: Pick<LegacyLookUp, "refuse">): Drafts {
  const drafts: MiddlewareDraft[] = [];
  const amount = options["max-conn-amount"];
  if (amount !== undefined) {
    const extractor = options["max-conn-extractor-func"] ?? "request.host";
    const sourceCriterion = criterionOf(extractor);
    if (sourceCriterion === undefined) return badExtractor(lookUp, "max-conn-extractor-func", extractor);
    const annotation = "max-conn-amount";
    drafts.push({ name: annotation, kind: "inFlightReq", options: { amount, sourceCriterion }, annotation });
  }
  const { buffering } = options;
  if (buffering !== undefined) {
    drafts.push({ name: "buffering", kind: "buffering", options: buffering, annotation: "buffering" });
  }
  const annotation = "circuit-breaker-expression";
  const expression = options[annotation] ?? "";
  if (expression !== "") drafts.push({ name: annotation, kind: "circuitBreaker", options: { expression }, annotation });
  return drafts;
}

function badExtractor(lookUp: Pick<LegacyLookUp, "refuse">, annotation: string, extractor: string): undefined {
  const message = `${JSON.stringify(extractor)} is nothing requests are told apart by: it must be ${EXTRACTORS}`;
  return lookUp.refuse(annotation, message);
}
