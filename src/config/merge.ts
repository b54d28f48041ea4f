// All providers' configurations as one: parts keyed by name and provider, references made unambiguous.

import type { Problem, Source } from "../schema/problem.ts";
import type {
  DynamicConfiguration,
  HttpMiddleware,
  HttpRouter,
  HttpService,
  Part,
  ServersTransport,
} from "./dynamic.ts";
import { qualifyMiddleware, qualifyRouter, qualifyService } from "./qualify.ts";
import type { Qualify, ReferenceKind } from "./qualify.ts";

/** What is known of one provider: the same shape as a provider's state. */
export interface ProviderInput {
  readonly configuration: DynamicConfiguration;
  readonly problems: readonly Problem[];
}

/** A part in the merged configuration. */
export type Merged<T extends Part> = T & {
  /** For people, without provider: `default-wrr`. */
  readonly displayName: string;
  readonly provider: string;
};

/** Everything that is configured. Keys are `key@provider`, and so are references. */
export interface MergedConfiguration {
  readonly http: {
    readonly routers: Readonly<Record<string, Merged<HttpRouter>>>;
    readonly services: Readonly<Record<string, Merged<HttpService>>>;
    readonly middlewares: Readonly<Record<string, Merged<HttpMiddleware>>>;
    readonly serversTransports: Readonly<Record<string, Merged<ServersTransport>>>;
  };
  /** The providers' problems, and references that fit several parts. */
  readonly problems: readonly Problem[];
}

/** What a reference stands for: a key of the merged configuration, or several it might be. */
export type Resolution =
  | { readonly key: string; readonly found: boolean }
  | { readonly key: string; readonly found: false; readonly ambiguous: readonly string[] };

/** Finds what references mean. */
export interface ReferenceResolver {
  /**
   * Resolves `name` or `name@provider`: by exact key, else by a display name that only one part has.
   * `name@internal` is taken as it is. A reference that fits nothing keeps its words and is not `found`.
   * @param provider the provider of the referring part; undefined where there is none (entry points)
   */
  resolve(kind: ReferenceKind, reference: string, provider?: string): Resolution;
}

// Traefik's order of providers; others follow by name. It decides the order of parts, and with it ties.
const DEFAULT_PRECEDENCE = [
  "internal",
  "kubernetesgateway",
  "kubernetescrd",
  "kubernetes",
  "kubernetesingressnginx",
  "file",
];

const INTERNAL = "internal";

/**
 * Merges what all providers know. Pure; the order of the input does not matter.
 * @param precedence providers that come first, and so win ties, in this order and in any case: `providers.precedence`
 */
export function mergeConfigurations(
  states: ReadonlyMap<string, ProviderInput>,
  precedence: readonly string[] = [],
): MergedConfiguration {
  const providers = inPrecedence(states, precedence);
  const problems: Problem[] = providers.flatMap(([, state]) => state.problems);
  const resolver = createReferenceResolver(states);
  const collect = <T extends Part>(
    section: ReferenceKind | "routers",
    partsOf: (http: DynamicConfiguration["http"]) => Readonly<Record<string, T>>,
    qualifyPart: (part: T, qualify: Qualify) => T,
  ): Record<string, Merged<T>> => {
    const entries: [string, Merged<T>][] = [];
    for (const [provider, { configuration }] of providers) {
      for (const [key, part] of Object.entries(partsOf(configuration.http)).toSorted(byKey)) {
        const displayName = part.displayName ?? key;
        const at = { section, key, displayName, source: part.source };
        const qualify: Qualify = (kind, reference) => {
          const resolution = resolver.resolve(kind, reference, provider);
          if ("ambiguous" in resolution) problems.push(ambiguous(at, kind, reference, resolution.ambiguous));
          return resolution.key;
        };
        entries.push([`${key}@${provider}`, { ...qualifyPart(part, qualify), displayName, provider }]);
      }
    }
    return Object.fromEntries(entries);
  };
  const http = {
    routers: collect("routers", (parts) => parts.routers, qualifyRouter),
    services: collect("services", (parts) => parts.services, qualifyService),
    middlewares: collect("middlewares", (parts) => parts.middlewares, qualifyMiddleware),
    serversTransports: collect("serversTransports", (parts) => parts.serversTransports, (part) => part),
  };
  return { http, problems };
}

/** Indexes all providers' names once, so that each reference costs a look-up. */
export function createReferenceResolver(states: ReadonlyMap<string, ProviderInput>): ReferenceResolver {
  const indexes = new Map([...states].map(([provider, { configuration }]) => [provider, indexNames(configuration)]));
  const lookUp = (kind: ReferenceKind, name: string, provider: string): Resolution => {
    const index = indexes.get(provider)?.[kind];
    if (index?.keys.has(name)) return { key: `${name}@${provider}`, found: true };
    const keys = index?.byDisplayName.get(name) ?? [];
    if (keys.length > 1) return { key: `${name}@${provider}`, found: false, ambiguous: keys };
    const [key] = keys;
    return key === undefined
      ? { key: `${name}@${provider}`, found: false }
      : { key: `${key}@${provider}`, found: true };
  };
  return {
    resolve(kind, reference, provider) {
      const own = provider === undefined ? undefined : lookUp(kind, reference, provider);
      const at = reference.lastIndexOf("@");
      if (at < 0) return own ?? { key: reference, found: false };
      if (own?.found) return own; // a key may itself hold an "@"
      const target = reference.slice(at + 1);
      if (target === INTERNAL) return { key: reference, found: true };
      return indexes.has(target) ? lookUp(kind, reference.slice(0, at), target) : { key: reference, found: false };
    },
  };
}

interface NameIndex {
  readonly keys: ReadonlySet<string>;
  /** Display name → keys that have it. */
  readonly byDisplayName: ReadonlyMap<string, readonly string[]>;
}

function indexNames({ http }: DynamicConfiguration): Record<ReferenceKind, NameIndex> {
  return {
    services: indexPart(http.services),
    middlewares: indexPart(http.middlewares),
    serversTransports: indexPart(http.serversTransports),
  };
}

function indexPart(parts: Readonly<Record<string, Part>>): NameIndex {
  const byDisplayName = new Map<string, string[]>();
  for (const [key, { displayName }] of Object.entries(parts).toSorted(byKey)) {
    if (displayName === undefined) continue;
    const keys = byDisplayName.get(displayName);
    if (keys === undefined) byDisplayName.set(displayName, [key]);
    else keys.push(key);
  }
  return { keys: new Set(Object.keys(parts)), byDisplayName };
}

function ambiguous(
  at: { section: string; key: string; displayName: string; source: Source | undefined },
  kind: ReferenceKind,
  reference: string,
  keys: readonly string[],
): Problem {
  const names = keys.map((key) => JSON.stringify(key)).join(", ");
  return {
    severity: "error",
    code: "ambiguous-reference",
    message: `${JSON.stringify(at.displayName)} refers to ${
      JSON.stringify(reference)
    }, which fits several ${kind}: ${names}`,
    hint: "rename all but one of them",
    path: ["http", at.section, at.key],
    ...(at.source !== undefined && { source: at.source }),
  };
}

/** Those of the list first, then Traefik's order, then by name. */
function inPrecedence(
  states: ReadonlyMap<string, ProviderInput>,
  precedence: readonly string[],
): [string, ProviderInput][] {
  const order = [...precedence.map((name) => name.toLowerCase()), ...DEFAULT_PRECEDENCE];
  const rank = (name: string): number => {
    const at = order.indexOf(name.toLowerCase());
    return at < 0 ? order.length : at;
  };
  return [...states].toSorted(([a], [b]) => rank(a) - rank(b) || compareText(a, b));
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return compareText(a[0], b[0]);
}

/** By code unit: the same on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
