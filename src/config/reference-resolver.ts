// What references mean: `name` and `name@provider`, by key or by a display name that only one part has.

import type { Problem } from "../schema/problem.ts";
import type { DynamicConfiguration } from "./dynamic.ts";
import type { Part } from "./dynamic-part.ts";
import { compareText } from "./order.ts";

/** What is known of one provider: the same shape as a provider's state. */
export interface ProviderInput {
  readonly configuration: DynamicConfiguration;
  readonly problems: readonly Problem[];
}

type Parts = Readonly<Record<string, Part>>;

const none: Parts = {};

/** Where the parts lie that can be referred to. */
const sections = {
  services: ({ http }: DynamicConfiguration): Parts => http.services,
  middlewares: ({ http }: DynamicConfiguration): Parts => http.middlewares,
  serversTransports: ({ http }: DynamicConfiguration): Parts => http.serversTransports,
  tcpServices: ({ tcp }: DynamicConfiguration): Parts => tcp?.services ?? none,
  tcpMiddlewares: ({ tcp }: DynamicConfiguration): Parts => tcp?.middlewares ?? none,
  tcpServersTransports: ({ tcp }: DynamicConfiguration): Parts => tcp?.serversTransports ?? none,
  udpServices: ({ udp }: DynamicConfiguration): Parts => udp?.services ?? none,
  tlsOptions: ({ tls }: DynamicConfiguration): Parts => tls?.options ?? none,
  certificates: ({ tls }: DynamicConfiguration): Parts => tls?.certificates ?? none,
};

/** Sections that can be referred to. */
export type ReferenceKind = keyof typeof sections;

/** What a reference stands for: a key of the merged configuration, or several it might be. */
export type Resolution =
  | { readonly key: string; readonly found: boolean; readonly ambiguous?: undefined }
  | { readonly key: string; readonly found: false; readonly ambiguous: readonly string[] };

/** Finds what references mean. */
export interface ReferenceResolver {
  /**
   * Resolves `name` or `name@provider`: by exact key, else by a display name that only one part has.
   * `name@internal` is taken as it is. A reference that fits nothing keeps its words and is not `found`.
   * @param provider the provider of the referring part; undefined where there is none (entry points)
   */
  resolve(kind: ReferenceKind, reference: string, provider?: string): Resolution;
  /** Whether a provider has a part under this very key: what `resolve` looks for first. */
  hasKey(kind: ReferenceKind, key: string, provider: string): boolean;
}

const INTERNAL = "internal";

/** Looks into the providers' states as they are; display names are indexed when one is first asked for. */
export function createReferenceResolver(states: ReadonlyMap<string, ProviderInput>): ReferenceResolver {
  return new Resolver(states);
}

class Resolver implements ReferenceResolver {
  readonly #states: ReadonlyMap<string, ProviderInput>;
  /** Provider and kind → display name → keys that have it. */
  readonly #byDisplayName = new Map<string, ReadonlyMap<string, readonly string[]>>();

  constructor(states: ReadonlyMap<string, ProviderInput>) {
    this.#states = states;
  }

  resolve(kind: ReferenceKind, reference: string, provider?: string): Resolution {
    const own = provider === undefined ? undefined : this.#lookUp(kind, reference, provider);
    const at = reference.lastIndexOf("@");
    if (at < 0) return own ?? { key: reference, found: false };
    if (own?.found) return own; // a key may itself hold an "@"
    const target = reference.slice(at + 1);
    if (target === INTERNAL) return { key: reference, found: true };
    if (!this.#states.has(target)) return { key: reference, found: false };
    return this.#lookUp(kind, reference.slice(0, at), target);
  }

  hasKey(kind: ReferenceKind, key: string, provider: string): boolean {
    const state = this.#states.get(provider);
    return state !== undefined && Object.hasOwn(sections[kind](state.configuration), key);
  }

  #lookUp(kind: ReferenceKind, name: string, provider: string): Resolution {
    if (this.hasKey(kind, name, provider)) return { key: `${name}@${provider}`, found: true };
    const keys = this.#displayNames(kind, provider).get(name) ?? [];
    if (keys.length > 1) return { key: `${name}@${provider}`, found: false, ambiguous: keys };
    const [key] = keys;
    return key === undefined
      ? { key: `${name}@${provider}`, found: false }
      : { key: `${key}@${provider}`, found: true };
  }

  #displayNames(kind: ReferenceKind, provider: string): ReadonlyMap<string, readonly string[]> {
    const id = `${kind} ${provider}`;
    let names = this.#byDisplayName.get(id);
    if (names === undefined) {
      const state = this.#states.get(provider);
      names = indexNames(state === undefined ? none : sections[kind](state.configuration));
      this.#byDisplayName.set(id, names);
    }
    return names;
  }
}

function indexNames(parts: Parts): ReadonlyMap<string, readonly string[]> {
  const byDisplayName = new Map<string, string[]>();
  for (const key of Object.keys(parts).sort(compareText)) {
    const displayName = parts[key]?.displayName;
    if (displayName === undefined) continue;
    const keys = byDisplayName.get(displayName);
    if (keys === undefined) byDisplayName.set(displayName, [key]);
    else keys.push(key);
  }
  return byDisplayName;
}
