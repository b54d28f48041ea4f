// A service without servers, which stands in for a TraefikService that can't be had: it answers 503.

import { NO_SERVERS } from "../backend/behaviour.ts";
import { keyOf } from "../names.ts";
import type { CrdReferrer } from "./placed-ref.ts";
import type { Translation } from "./translation.ts";

/**
 * Adds a stand-in to the configuration.
 * @param role what it stands in for in the referrer
 * @returns its key
 */
export function deadService(translation: Translation, referrer: CrdReferrer, role: string): string {
  const key = keyOf("unavailable", referrer.key, role);
  translation.sections.services[key] = { ...NO_SERVERS, displayName: `unavailable-${role}`, source: referrer.source };
  return key;
}
