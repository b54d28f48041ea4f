// Where Traefik's definitions say more, or less, than weir's own schemas: an object must pass both in the same way.

import { clientAuthTypes } from "../../../config/dynamic-tls.ts";
import type { OpenApiSchema } from "../../../schema/open-api.ts";

/** Changes the schema of a field. */
export type Limit = (schema: OpenApiSchema) => OpenApiSchema;

const also = (more: OpenApiSchema): Limit => (schema) => ({ ...schema, ...more });

/** A duration in any form: weir says what it can't read, the API server does not. */
const anyDuration: Limit = ({ pattern: _pattern, ...schema }) => schema;

/** By the last names of the field's path. */
const limits: Readonly<Record<string, Limit>> = {
  "addPrefix.prefix": also({
    "x-kubernetes-validations": [{ rule: "self.startsWith('/')", message: "must start with a '/'" }],
  }),
  "circuitBreaker.fallbackDuration": anyDuration,
  "clientAuth.clientAuthType": also({ enum: clientAuthTypes }),
  "cookie.sameSite": also({ enum: ["none", "lax", "strict", "None", "Lax", "Strict"] }),
  "healthCheck.interval": anyDuration,
  "healthCheck.timeout": anyDuration,
  "healthCheck.unhealthyInterval": anyDuration,
  "observability.traceVerbosity": also({ default: "minimal" }),
  "passiveHealthCheck.failureWindow": anyDuration,
  "rateLimit.period": anyDuration,
  "retry.attempts": also({ minimum: 0 }),
};

/** What changes at a field, if anything. @param path names of the fields down to it */
export function traefikLimits(path: readonly string[]): Limit | undefined {
  return limits[path.slice(-2).join(".")];
}
