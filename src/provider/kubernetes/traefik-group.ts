// The API groups of Traefik's kinds.

/** The API groups of Traefik's kinds, the current one first. */
export const traefikGroups = ["traefik.io", "traefik.containo.us"] as const;

/** A Traefik API group. */
export type TraefikGroup = (typeof traefikGroups)[number];
