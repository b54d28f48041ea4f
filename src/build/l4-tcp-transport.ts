// From a TCP serversTransport's configuration to what dials and tunnels need.

import type { TcpLoadBalancer, TcpServersTransport } from "../config/dynamic-tcp.ts";
import type { ClientTls, KeyPair, PemSource, SubjectAltName } from "../config/dynamic-tls.ts";
import type { MergedConfiguration } from "../config/merge.ts";
import type { Certificate } from "../net/certificate.ts";
import { ProxyError } from "../net/error.ts";
import type { Runtime } from "../net/runtime.ts";
import type { DialTls } from "../net/tls.ts";
import type { TcpTransport } from "../service/tcp/tcp-transport.ts";
import { defaultTcpTransport } from "../service/tcp/tcp-transport.ts";
import type { BuildContext } from "./context.ts";

/** Traefik's name of the static configuration's transport. */
export const DEFAULT_TRANSPORT = "default@internal";

/** The transport of a service. @throws {ProxyError} when it asks for what can't be had */
export function tcpTransportOf(
  service: TcpLoadBalancer,
  { serversTransports }: MergedConfiguration["tcp"],
  context: BuildContext,
): TcpTransport {
  const base = { ...defaultTcpTransport, ...context.tcpTransport };
  const reference = service.serversTransport;
  const named = reference === undefined || reference === DEFAULT_TRANSPORT ? undefined : serversTransports[reference];
  if (named !== undefined) return { ...base, ...optionsOf(named, context.runtime) };
  // What Traefik deprecates: it belongs to the transport, and a named transport wins.
  const { proxyProtocol, terminationDelayMs } = service;
  return {
    ...base,
    ...(proxyProtocol !== undefined && { proxyProtocol: proxyProtocol.version }),
    ...(terminationDelayMs !== undefined && { terminationMs: terminationDelayMs }),
  };
}

function optionsOf(transport: TcpServersTransport, runtime: Runtime): Partial<TcpTransport> {
  const { dialTimeoutMs, terminationDelayMs, proxyProtocol, tls } = transport;
  return {
    dialTimeoutMs,
    terminationMs: terminationDelayMs,
    proxyProtocol: proxyProtocol?.version,
    ...(tls !== undefined && { tls: dialTlsOf(tls, runtime), isAlwaysTls: true }),
  };
}

/** TLS towards servers. @throws {ProxyError} when it asks for what can't be had */
function dialTlsOf(tls: ClientTls, runtime: Runtime): DialTls {
  if (tls.spiffe !== undefined) throw unusable("spiffe is not supported yet");
  const [pair] = tls.certificates ?? [];
  const verify = verifierOf(tls);
  return {
    serverName: tls.serverName ?? "",
    skipVerify: tls.insecureSkipVerify,
    ...(tls.rootCAs.length > 0 && { ca: tls.rootCAs.map(textOf).join("\n") }),
    ...(pair !== undefined && { identity: identityOf(pair, runtime) }),
    ...(verify !== undefined && { verify }),
  };
}

function identityOf({ certificate, privateKey }: KeyPair, runtime: Runtime): ReturnType<Runtime["loadIdentity"]> {
  return runtime.loadIdentity({ cert: textOf(certificate), key: textOf(privateKey) });
}

function textOf(source: PemSource): string {
  if ("text" in source) return source.text;
  throw unusable(`certificates in files, as ${source.file}, are not read yet: give their text`);
}

/** Looks for one of the names a server must have, instead of the name it was asked by. */
function verifierOf({ peerCertURI, peerCertSANs = [] }: ClientTls): DialTls["verify"] {
  const uri: SubjectAltName[] = peerCertURI === undefined ? [] : [{ type: "URI", value: peerCertURI }];
  const wanted = [...uri, ...peerCertSANs];
  if (wanted.length === 0) return undefined;
  return ({ names }: Certificate) => {
    const has = ({ type, value }: SubjectAltName): boolean =>
      type === "URI" ? names.uri.includes(value) : names.dns.includes(value.toLowerCase());
    return wanted.some(has) ? undefined : `it has none of the names ${wanted.map(({ value }) => value).join(", ")}`;
  };
}

function unusable(reason: string): ProxyError {
  return new ProxyError(`the serversTransport can't be used: ${reason}`, {
    code: "unusable-transport",
    source: "internal",
    status: 503,
  });
}
