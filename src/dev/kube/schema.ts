// The schema of a kind: one shape for what a CustomResourceDefinition holds and for built-in kinds.

import type { OpenApiSchema } from "../../schema/open-api.ts";

/** The schema of a kind, custom or built in. */
export type Schema = OpenApiSchema;
