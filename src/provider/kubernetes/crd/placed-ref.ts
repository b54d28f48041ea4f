// A service reference together with where it stands and who holds it.

import type { FieldPath } from "../../../schema/path.ts";
import type { Referrer } from "./reference.ts";
import type { ServiceRef } from "./schema-service-ref.ts";

/** One service reference of an object. */
export interface PlacedRef {
  readonly ref: ServiceRef;
  readonly path: FieldPath;
  readonly referrer: Referrer;
}
