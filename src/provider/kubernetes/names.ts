// Names for people, as Traefik makes them, and keys for weir, which can't collide.

import { sha256Hex } from "../../net/hash.ts";

/** Traefik's Normalize: runs of letters and digits, joined by hyphens. */
export function normalize(text: string): string {
  return text.split(/[^\p{L}\p{N}]+/u).filter((run) => run !== "").join("-");
}

/** Traefik's name of what an object makes: `default-wrr`. */
export function displayName(namespace: string, name: string): string {
  return `${namespace}-${name}`;
}

/** The 20 hex digits by which Traefik tells the routes of one IngressRoute apart. */
export function matchHash(match: string): string {
  return sha256Hex(match).slice(0, 20);
}

/** Traefik's name of a route: `default-app-db8b5e5f2471fb18f2df`. @param hash of its match */
export function routerName(namespace: string, name: string, hash: string): string {
  return normalize(`${namespace}-${name}-${hash}`);
}

/**
 * A key inside the provider: kind, group, namespace, name and whatever else tells two things apart, joined by `/`,
 * which none of them can hold. (Traefik joins by `-`: there `a-b` in `c` and `b` in `c-a` may be the same.)
 */
export function keyOf(kind: string, ...parts: readonly (string | number)[]): string {
  return [kind, ...parts].join("/");
}
