// A service without servers, which stands in for one that can't be had: it answers 503.

import { DEFAULT_BEHAVIOUR } from "./behaviour.ts";
import { keyOf } from "./names.ts";
import type { Translation } from "./translation.ts";

/**
 * Adds a stand-in to the configuration.
 * @param owner key of what refers to it
 * @param role what it stands in for there
 * @returns its key
 */
export function deadService(translation: Translation, owner: string, role: string): string {
  const key = keyOf("unavailable", owner, role);
  translation.services[key] = { kind: "loadBalancer", servers: [], ...DEFAULT_BEHAVIOUR };
  return key;
}
