// All providers' configurations as one: parts keyed by name and provider, references made unambiguous.

import type { Problem, Source } from "../schema/problem.ts";
import type { HttpMiddleware, HttpRouter, HttpService, ServersTransport } from "./dynamic.ts";
import type { Part } from "./dynamic-part.ts";
import type { TcpMiddleware, TcpRouter, TcpServersTransport, TcpService } from "./dynamic-tcp.ts";
import type { TlsCertificate, TlsOptions, TlsStore } from "./dynamic-tls.ts";
import type { UdpRouter, UdpService } from "./dynamic-udp.ts";
import { meansTheSame, SectionMemory } from "./merge-section.ts";
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
    routers: new SectionMemory(sections.http.routers),
    services: new SectionMemory(sections.http.services),
    middlewares: new SectionMemory(sections.http.middlewares),
    serversTransports: new SectionMemory(sections.http.serversTransports),
  };
  readonly tcp = {
    routers: new SectionMemory(sections.tcp.routers),
    services: new SectionMemory(sections.tcp.services),
    middlewares: new SectionMemory(sections.tcp.middlewares),
    serversTransports: new SectionMemory(sections.tcp.serversTransports),
  };
  readonly udp = {
    routers: new SectionMemory(sections.udp.routers),
    services: new SectionMemory(sections.udp.services),
  };
  readonly tls = {
    certificates: new SectionMemory(sections.tls.certificates),
    options: new SectionMemory(sections.tls.options),
    stores: new SectionMemory(sections.tls.stores),
  };

  #isWhole = false;

  /** Looks at what the providers give. @returns whether references still mean what they meant in the last merge */
  look(providers: readonly (readonly [name: string, state: ProviderInput])[]): boolean {
    const wasWhole = this.#isWhole;
    this.#isWhole = false;
    const all = [this.http, this.tcp, this.udp, this.tls].flatMap((protocol) => Object.values(protocol));
    return all.map((section) => section.look(providers)).every(Boolean) && wasWhole;
  }

  /** The merge came to its end: all sections are of the same state. */
  settle(): void {
    this.#isWhole = true;
  }
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
  const merger = new Merger(states, precedence, memory);
  const { http, tcp, udp, tls } = memory;
  const merged = {
    http: {
      routers: merger.collect(http.routers),
      services: merger.collect(http.services),
      middlewares: merger.collect(http.middlewares),
      serversTransports: merger.collect(http.serversTransports),
    },
    tcp: {
      routers: merger.collect(tcp.routers),
      services: merger.collect(tcp.services),
      middlewares: merger.collect(tcp.middlewares),
      serversTransports: merger.collect(tcp.serversTransports),
    },
    udp: { routers: merger.collect(udp.routers), services: merger.collect(udp.services) },
    tls: {
      certificates: merger.collect(tls.certificates),
      options: merger.collect(tls.options),
      stores: merger.collect(tls.stores),
    },
    problems: merger.problems,
  };
  memory.settle();
  return merged;
}

class Merger {
  readonly problems: Problem[];
  readonly #resolver: ReferenceResolver;
  /** undefined: everything means what it meant. */
  readonly #isStillTrue: ((part: MergedPart<Part>, provider: string) => boolean) | undefined;

  constructor(states: ReadonlyMap<string, ProviderInput>, precedence: readonly string[], memory: MergeMemory) {
    const providers = inPrecedence(states, precedence);
    const resolver = createReferenceResolver(states);
    this.problems = providers.flatMap(([, state]) => state.problems);
    this.#resolver = resolver;
    // Mostly all names are as before, and so nothing needs to be resolved again.
    this.#isStillTrue = memory.look(providers) ? undefined : (part, provider) => meansTheSame(part, provider, resolver);
  }

  collect<T extends Part>(memory: SectionMemory<T>): MergedParts<T> {
    return memory.collect(this.#isStillTrue, (part, place) => this.#merge(memory.section, part, place));
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
