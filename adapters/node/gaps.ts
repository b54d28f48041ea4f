// What Node can't do; the README shows it.

import type { Gap } from "../../src/net/runtime.ts";

/** `tests/contract/gaps.test.ts` proves each of them. */
export const gaps: readonly Gap[] = [];
