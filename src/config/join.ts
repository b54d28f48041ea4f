// Puts documents and files of one provider together: names are unique inside a provider, the first one wins.

import { describeSource } from "../schema/problem-text.ts";
import type { Problem } from "../schema/problem.ts";
import type { DynamicConfiguration, HttpMiddleware, HttpRouter, HttpService, ServersTransport } from "./dynamic.ts";
import type { Part } from "./dynamic-part.ts";
import type { TcpMiddleware, TcpRouter, TcpServersTransport, TcpService } from "./dynamic-tcp.ts";
import type { TlsCertificate, TlsOptions, TlsStore } from "./dynamic-tls.ts";
import type { UdpRouter, UdpService } from "./dynamic-udp.ts";
import { joinCertificates } from "./pem.ts";

const NOUNS = {
  routers: "router",
  services: "service",
  middlewares: "middleware",
  serversTransports: "serversTransport",
  options: "set of TLS options",
  stores: "store",
};

type Records<T> = Readonly<Record<string, T>>;

/** Takes configurations one after the other; what it costs grows with the parts, not with the files they are in. */
export class ConfigurationJoiner {
  readonly #http = {
    routers: new Section<HttpRouter>("http", "routers"),
    services: new Section<HttpService>("http", "services"),
    middlewares: new Section<HttpMiddleware>("http", "middlewares"),
    serversTransports: new Section<ServersTransport>("http", "serversTransports"),
  };
  readonly #tcp = {
    routers: new Section<TcpRouter>("tcp", "routers"),
    services: new Section<TcpService>("tcp", "services"),
    middlewares: new Section<TcpMiddleware>("tcp", "middlewares"),
    serversTransports: new Section<TcpServersTransport>("tcp", "serversTransports"),
  };
  readonly #udp = {
    routers: new Section<UdpRouter>("udp", "routers"),
    services: new Section<UdpService>("udp", "services"),
  };
  readonly #tls = {
    certificates: new Certificates(),
    options: new Section<TlsOptions>("tls", "options"),
    stores: new Section<TlsStore>("tls", "stores"),
  };
  /** Protocols that some configuration has. */
  readonly #given = new Set<"tcp" | "udp" | "tls">();

  /** Adds the parts of a configuration to those there are. @returns a problem for each name that was taken */
  add({ http, tcp, udp, tls }: DynamicConfiguration): readonly Problem[] {
    const problems: Problem[] = [];
    this.#http.routers.add(http.routers, problems);
    this.#http.services.add(http.services, problems);
    this.#http.middlewares.add(http.middlewares, problems);
    this.#http.serversTransports.add(http.serversTransports, problems);
    if (tcp !== undefined) {
      this.#given.add("tcp");
      this.#tcp.routers.add(tcp.routers, problems);
      this.#tcp.services.add(tcp.services, problems);
      this.#tcp.middlewares.add(tcp.middlewares, problems);
      this.#tcp.serversTransports.add(tcp.serversTransports, problems);
    }
    if (udp !== undefined) {
      this.#given.add("udp");
      this.#udp.routers.add(udp.routers, problems);
      this.#udp.services.add(udp.services, problems);
    }
    if (tls !== undefined) {
      this.#given.add("tls");
      this.#tls.certificates.add(tls.certificates);
      this.#tls.options.add(tls.options, problems);
      this.#tls.stores.add(tls.stores, problems);
    }
    return problems;
  }

  /** All that was added. */
  get configuration(): DynamicConfiguration {
    const [http, tcp, udp, tls] = [this.#http, this.#tcp, this.#udp, this.#tls];
    return {
      http: {
        routers: http.routers.parts,
        services: http.services.parts,
        middlewares: http.middlewares.parts,
        serversTransports: http.serversTransports.parts,
      },
      ...(this.#given.has("tcp") && {
        tcp: {
          routers: tcp.routers.parts,
          services: tcp.services.parts,
          middlewares: tcp.middlewares.parts,
          serversTransports: tcp.serversTransports.parts,
        },
      }),
      ...(this.#given.has("udp") && { udp: { routers: udp.routers.parts, services: udp.services.parts } }),
      ...(this.#given.has("tls") && {
        tls: { certificates: tls.certificates.parts, options: tls.options.parts, stores: tls.stores.parts },
      }),
    };
  }
}

/** Parts of one kind. */
class Section<T extends Part> {
  readonly #protocol: string;
  readonly #name: keyof typeof NOUNS;
  readonly #parts = new Map<string, T>();

  constructor(protocol: string, name: keyof typeof NOUNS) {
    this.#protocol = protocol;
    this.#name = name;
  }

  get parts(): Records<T> {
    return Object.fromEntries(this.#parts);
  }

  add(parts: Records<T>, problems: Problem[]): void {
    for (const [name, part] of Object.entries(parts)) {
      const taken = this.#parts.get(name);
      if (taken === undefined) this.#parts.set(name, part);
      else problems.push(duplicate([this.#protocol, this.#name, name], NOUNS[this.#name], part, taken));
    }
  }
}

/** Certificates are kept under what they are: the same key means the same certificate. */
class Certificates {
  readonly #certificates = new Map<string, TlsCertificate>();

  get parts(): Records<TlsCertificate> {
    return Object.fromEntries(this.#certificates);
  }

  add(certificates: Records<TlsCertificate>): void {
    for (const [key, certificate] of Object.entries(certificates)) {
      this.#certificates.set(key, joinCertificates(this.#certificates.get(key), certificate));
    }
  }
}

function duplicate(path: readonly [string, string, string], noun: string, part: Part, taken: Part): Problem {
  const where = taken.source === undefined ? "before" : `in ${describeSource(taken.source)}`;
  return {
    severity: "error",
    code: "duplicate-name",
    message: `the ${noun} ${JSON.stringify(path[2])} is already defined ${where}: this one is ignored`,
    hint: "rename one of them",
    path: [...path],
    ...(part.source !== undefined && { source: part.source }),
  };
}
