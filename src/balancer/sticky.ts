// Sticky cookies: their names, their values, and which child a value stands for.

import { fnv1Hex64, sha1Hex, sha256Hex } from "../net/hash.ts";

/** What is not a token character (RFC 2616 §2.2), and so can't be in a cookie's name. */
const NOT_TOKEN = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/gu;

/**
 * The name of a service's sticky cookie, as Traefik makes it.
 * @param configured characters that a name can't have become `_`; undefined or empty: derived from the service
 * @param serviceName qualified: `default-app-wrr@kubernetescrd`
 */
export function stickyCookieName(configured: string | undefined, serviceName: string): string {
  if (configured !== undefined && configured !== "") return configured.replace(NOT_TOKEN, "_");
  return `_${sha1Hex(`_TRAEFIK_BACKEND_${serviceName}`).slice(0, 5)}`;
}

/** The cookie value Traefik 3 writes for a child. @param childName service name without provider, or server URL */
export function stickyValue(childName: string): string {
  return sha256Hex(childName).slice(0, 16);
}

/** A child that cookies can name. */
export interface StickyChild<T> {
  /** Service name without provider, or server URL. */
  readonly name: string;
  readonly item: T;
}

/** Cookie value → child, worked out once. */
export interface StickyTable<T> {
  /** The child a cookie's value names, in any form that Traefik ever wrote. */
  find(cookieValue: string): T | undefined;
  /** The value to write. A cookie found with another value should be rewritten with this one. */
  valueOf(childName: string): string;
}

/** Makes the table. Where two children claim a value, today's form wins over older ones, then the first child. */
export function createStickyTable<T>(children: readonly StickyChild<T>[]): StickyTable<T> {
  const byValue = new Map<string, T>();
  const values = new Map<string, string>();
  for (const { name } of children) values.set(name, stickyValue(name));
  for (const form of acceptedForms) {
    for (const { name, item } of children) {
      const value = form(name);
      if (!byValue.has(value)) byValue.set(value, item);
    }
  }
  return {
    find: (cookieValue) => byValue.get(cookieValue),
    valueOf: (childName) => values.get(childName) ?? stickyValue(childName),
  };
}

/** Newest first: Traefik 3, 2 and 1 (plain names), then the hashes of 2's last releases. */
const acceptedForms: readonly ((name: string) => string)[] = [
  stickyValue,
  (name) => name,
  fnv1Hex64,
  (name) => fnv1Hex64(fnv1Hex64(name)),
];
