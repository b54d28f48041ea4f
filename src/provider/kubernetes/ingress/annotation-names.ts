// The names of Traefik's annotations, old and new.

/** What all names of today begin with, and some of Traefik 1. */
export const PREFIX = "traefik.ingress.kubernetes.io/";

const OLD_PREFIX = "ingress.kubernetes.io/";

/** Names from before there was a prefix. */
const aliases: ReadonlyMap<string, string> = new Map([
  ["traefik.frontend.passHostHeader", "preserve-host"],
  ["traefik.frontend.passTLSCert", "pass-tls-cert"],
  ["traefik.frontend.entryPoints", "frontend-entry-points"],
  ["traefik.frontend.priority", "priority"],
  ["traefik.frontend.rule.type", "rule-type"],
  ["traefik.frontend.redirect.entryPoint", "redirect-entry-point"],
  ["traefik.frontend.redirect.regex", "redirect-regex"],
  ["traefik.frontend.redirect.replacement", "redirect-replacement"],
  ["traefik.backend.circuitbreaker", "circuit-breaker-expression"],
  ["traefik.backend.loadbalancer.method", "load-balancer-method"],
  ["traefik.backend.loadbalancer.sticky", "affinity"],
  ["traefik.backend.loadbalancer.stickiness.cookieName", "session-cookie-name"],
]);

/** An annotation that may be one of Traefik 1. */
export interface LegacyName {
  /** Without prefix: `rule-type`. */
  readonly short: string;
  /** As the object spells it. */
  readonly full: string;
  /** Where an object has several spellings, the lowest wins, as in Traefik 1. */
  readonly rank: 0 | 1 | 2;
}

/** Takes a name apart; undefined for names that no Traefik ever had. */
export function legacyNameOf(full: string): LegacyName | undefined {
  if (full.startsWith(OLD_PREFIX)) return { short: full.slice(OLD_PREFIX.length), full, rank: 0 };
  if (full.startsWith(PREFIX)) return { short: full.slice(PREFIX.length), full, rank: 1 };
  const short = aliases.get(full);
  return short === undefined ? undefined : { short, full, rank: 2 };
}
