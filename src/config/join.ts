// Puts documents and files of one provider together: names are unique inside a provider, the first one wins.

import { describeSource } from "../schema/problem-text.ts";
import type { Problem } from "../schema/problem.ts";
import type { Decoded } from "./decode.ts";
import type { DynamicConfiguration } from "./dynamic.ts";
import type { Part } from "./dynamic-part.ts";
import type { TcpConfiguration } from "./dynamic-tcp.ts";
import { emptyTcp } from "./dynamic-tcp.ts";
import type { TlsCertificate, TlsConfiguration } from "./dynamic-tls.ts";
import { emptyTls } from "./dynamic-tls.ts";
import type { UdpConfiguration } from "./dynamic-udp.ts";
import { emptyUdp } from "./dynamic-udp.ts";
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

/** Joins two records of one section, and reports names that both have. */
type Join = <T extends Part>(section: keyof typeof NOUNS, first: Records<T>, second: Records<T>) => Records<T>;

/** Adds the parts of `second` to those of `first`. A name that is taken becomes a problem of the second. */
export function joinConfigurations(first: DynamicConfiguration, second: DynamicConfiguration): Decoded {
  const problems: Problem[] = [];
  const within = (protocol: string): Join => (section, one, two) => {
    const entries = new Map(Object.entries(one));
    for (const [name, part] of Object.entries(two)) {
      const taken = entries.get(name);
      if (taken === undefined) entries.set(name, part);
      else problems.push(duplicate([protocol, section, name], NOUNS[section], part, taken));
    }
    return Object.fromEntries(entries);
  };
  const has = (section: "tcp" | "udp" | "tls"): boolean =>
    first[section] !== undefined || second[section] !== undefined;
  const configuration: DynamicConfiguration = {
    http: joinHttp(within("http"), first.http, second.http),
    ...(has("tcp") && { tcp: joinTcp(within("tcp"), first.tcp ?? emptyTcp, second.tcp ?? emptyTcp) }),
    ...(has("udp") && { udp: joinUdp(within("udp"), first.udp ?? emptyUdp, second.udp ?? emptyUdp) }),
    ...(has("tls") && { tls: joinTls(within("tls"), first.tls ?? emptyTls, second.tls ?? emptyTls) }),
  };
  return { configuration, problems };
}

function joinHttp(join: Join, first: DynamicConfiguration["http"], second: DynamicConfiguration["http"]) {
  return {
    routers: join("routers", first.routers, second.routers),
    services: join("services", first.services, second.services),
    middlewares: join("middlewares", first.middlewares, second.middlewares),
    serversTransports: join("serversTransports", first.serversTransports, second.serversTransports),
  };
}

function joinTcp(join: Join, first: TcpConfiguration, second: TcpConfiguration): TcpConfiguration {
  return {
    routers: join("routers", first.routers, second.routers),
    services: join("services", first.services, second.services),
    middlewares: join("middlewares", first.middlewares, second.middlewares),
    serversTransports: join("serversTransports", first.serversTransports, second.serversTransports),
  };
}

function joinUdp(join: Join, first: UdpConfiguration, second: UdpConfiguration): UdpConfiguration {
  return {
    routers: join("routers", first.routers, second.routers),
    services: join("services", first.services, second.services),
  };
}

function joinTls(join: Join, first: TlsConfiguration, second: TlsConfiguration): TlsConfiguration {
  return {
    certificates: joinCertificateRecords(first.certificates, second.certificates),
    options: join("options", first.options, second.options),
    stores: join("stores", first.stores, second.stores),
  };
}

/** Certificates are kept under what they are: the same key means the same certificate. */
function joinCertificateRecords(
  first: Records<TlsCertificate>,
  second: Records<TlsCertificate>,
): Records<TlsCertificate> {
  const entries = new Map(Object.entries(first));
  for (const [key, certificate] of Object.entries(second)) {
    entries.set(key, joinCertificates(entries.get(key), certificate));
  }
  return Object.fromEntries(entries);
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
