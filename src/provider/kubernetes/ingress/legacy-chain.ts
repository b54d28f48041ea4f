// The order of what Traefik 1's annotations of an Ingress put before its services.

import { allowList, auth, clientCertificate } from "./legacy-auth.ts";
import { headers } from "./legacy-headers.ts";
import { errorPages, rateLimits } from "./legacy-limits.ts";
import type { Drafts, LegacyPath, MiddlewareDraft } from "./legacy-middleware.ts";
import { pathChanges } from "./legacy-path.ts";
import { redirects, secureRedirects } from "./legacy-redirect.ts";

/** The outermost first: whoever may not come in gets no redirect, and paths change last. */
const steps: readonly ((path: LegacyPath) => Drafts)[] = [
  errorPages,
  allowList,
  secureRedirects,
  redirects,
  headers,
  auth,
  clientCertificate,
  rateLimits,
  pathChanges,
];

/** The middlewares of one path; undefined when any can't be had: none may then be left out. */
export function legacyChain(path: LegacyPath): Drafts {
  const chain: MiddlewareDraft[] = [];
  for (const step of steps) {
    const drafts = step(path);
    if (drafts === undefined) return undefined;
    chain.push(...drafts);
  }
  return chain;
}
