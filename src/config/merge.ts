// All providers' configurations as one: parts keyed by name and provider, references made unambiguous.

import type { Problem, Source } from "../schema/problem.ts";
import type { HttpMiddleware, HttpRouter, HttpService, ServersTransport } from "./dynamic.ts";
import type { Part } from "./dynamic-part.ts";
import type { TcpMiddleware, TcpRouter, TcpServersTransport, TcpService } from "./dynamic-tcp.ts";
import type { TlsCertificate, TlsOptions, TlsStore } from "./dynamic-tls.ts";
import type { UdpRouter, UdpService } from "./dynamic-udp.ts";
import { SectionMemory } from "./merge-section.ts";
import type { MergedPart, MergedParts, MergeSection, Place, Resolved } from "./merge-section.ts";
import { sections } from "./merge-sections.ts";
import { compareText } from "./order.ts";
import { createReferenceResolver } from "./reference-resolver.ts";
import type { ProviderInput, ReferenceKind, ReferenceResolver } from "./reference-resolver.ts";

/** Everything that is configured. Keys are `key@provider`, and so are references. */
export interface MergedConfiguration {
  readonly http: {
    readonly routers: MergedParts<HttpRouter>;
    readonly services: MergedParts<HttpService>;
    readonly middlewares: MergedParts<HttpMiddleware>;
    readonly serversTransports: MergedParts<ServersTransport>;
  };
  readonly tcp: {
    readonly routers: MergedParts<TcpRouter>;
    readonly services: MergedParts<TcpService>;
    readonly middlewares: MergedParts<TcpMiddleware>;
    readonly serversTransports: MergedParts<TcpServersTransport>;
  };
  readonly udp: {
    readonly routers: MergedParts<UdpRouter>;
    readonly services: MergedParts<UdpService>;
  };
  readonly tls: {
    readonly certificates: MergedParts<TlsCertificate>;
    readonly options: MergedParts<TlsOptions>;
    readonly stores: MergedParts<TlsStore>;
  };
  /** The providers' problems, and references that fit several parts. */
  readonly problems: readonly Problem[];
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

/** What a merge remembers for the next one of the same providers. */
export class MergeMemory {
  readonly http = {
    routers: new SectionMemory<HttpRouter>(),
    services: new SectionMemory<HttpService>(),
    middlewares: new SectionMemory<HttpMiddleware>(),
    serversTransports: new SectionMemory<ServersTransport>(),
  };
  readonly tcp = {
    routers: new SectionMemory<TcpRouter>(),
    services: new SectionMemory<TcpService>(),
    middlewares: new SectionMemory<TcpMiddleware>(),
    serversTransports: new SectionMemory<TcpServersTransport>(),
  };
  readonly udp = { routers: new SectionMemory<UdpRouter>(), services: new SectionMemory<UdpService>() };
  readonly tls = {
    certificates: new SectionMemory<TlsCertificate>(),
    options: new SectionMemory<TlsOptions>(),
    stores: new SectionMemory<TlsStore>(),
  };
}

/**
 * Merges what all providers know. Pure; the order of the input does not matter.
 * @param precedence providers that come first, and so win ties, in this order and in any case: `providers.precedence`
 * @param memory of the last merge: a part that a provider gives again, the same object, and whose references still
 * mean the same, gives the same merged object again
 */
export function mergeConfigurations(
  states: ReadonlyMap<string, ProviderInput>,
  precedence: readonly string[] = [],
  memory: MergeMemory = new MergeMemory(),
): MergedConfiguration {
  const merger = new Merger(states, precedence);
  const { http, tcp, udp, tls } = sections;
  return {
    http: {
      routers: merger.collect(http.routers, memory.http.routers),
      services: merger.collect(http.services, memory.http.services),
      middlewares: merger.collect(http.middlewares, memory.http.middlewares),
      serversTransports: merger.collect(http.serversTransports, memory.http.serversTransports),
    },
    tcp: {
      routers: merger.collect(tcp.routers, memory.tcp.routers),
      services: merger.collect(tcp.services, memory.tcp.services),
      middlewares: merger.collect(tcp.middlewares, memory.tcp.middlewares),
      serversTransports: merger.collect(tcp.serversTransports, memory.tcp.serversTransports),
    },
    udp: {
      routers: merger.collect(udp.routers, memory.udp.routers),
      services: merger.collect(udp.services, memory.udp.services),
    },
    tls: {
      certificates: merger.collect(tls.certificates, memory.tls.certificates),
      options: merger.collect(tls.options, memory.tls.options),
      stores: merger.collect(tls.stores, memory.tls.stores),
    },
    problems: merger.problems,
  };
}

class Merger {
  readonly problems: Problem[];
  readonly #providers: readonly [string, ProviderInput][];
  readonly #resolver: ReferenceResolver;

  constructor(states: ReadonlyMap<string, ProviderInput>, precedence: readonly string[]) {
    this.#providers = inPrecedence(states, precedence);
    this.#resolver = createReferenceResolver(states);
    this.problems = this.#providers.flatMap(([, state]) => state.problems);
  }

  collect<T extends Part>(section: MergeSection<T>, memory: SectionMemory<T>): MergedParts<T> {
    const inputs = this.#providers.map(([provider, { configuration }]) =>
      [provider, section.partsOf(configuration)] as const
    );
    return memory.collect(inputs, this.#resolver, (part, place) => this.#merge(section, part, place));
  }

  #merge<T extends Part>(section: MergeSection<T>, part: T, { key, provider }: Place): MergedPart<T> {
    const displayName = part.displayName ?? key;
    const resolved: Resolved[] = [];
    let isClear = true;
    const qualified = section.qualify(part, (kind, reference) => {
      const resolution = this.#resolver.resolve(kind, reference, provider);
      resolved.push({ kind, reference, key: resolution.key });
      if (resolution.ambiguous !== undefined) {
        isClear = false;
        const at = { path: [...section.name.split("."), key], displayName, source: part.source };
        this.problems.push(ambiguous(at, kind, reference, resolution.ambiguous));
      }
      return resolution.key;
    });
    const merged = { ...qualified, displayName, provider };
    return { part, qualifiedKey: `${key}@${provider}`, merged, resolved, isClear };
  }
}

const NOUNS: Readonly<Record<ReferenceKind, string>> = {
  services: "services",
  middlewares: "middlewares",
  serversTransports: "serversTransports",
  tcpServices: "TCP services",
  tcpMiddlewares: "TCP middlewares",
  tcpServersTransports: "TCP serversTransports",
  udpServices: "UDP services",
  tlsOptions: "TLS options",
  certificates: "certificates",
};

function ambiguous(
  at: { readonly path: readonly string[]; readonly displayName: string; readonly source: Source | undefined },
  kind: ReferenceKind,
  reference: string,
  keys: readonly string[],
): Problem {
  const names = keys.map((key) => JSON.stringify(key)).join(", ");
  const referrer = JSON.stringify(at.displayName);
  return {
    severity: "error",
    code: "ambiguous-reference",
    message: `${referrer} refers to ${JSON.stringify(reference)}, which fits several ${NOUNS[kind]}: ${names}`,
    hint: "rename all but one of them",
    path: at.path,
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
