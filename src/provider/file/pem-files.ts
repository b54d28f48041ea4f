// Certificates, keys and authorities that a configuration names by file: read, so that what is built holds texts.

import type { DynamicConfiguration, ServersTransport } from "../../config/dynamic.ts";
import type { TcpServersTransport } from "../../config/dynamic-tcp.ts";
import type { ClientTls, KeyPair, PemSource, TlsConfiguration } from "../../config/dynamic-tls.ts";

/** Reads a file. Rejects where it can't be read. */
export type ReadText = (path: string) => Promise<string>;

/** A configuration whose PEM is all text, as far as the files could be read. */
export interface WithTexts {
  readonly configuration: DynamicConfiguration;
  /** All files it names, whether they could be read or not. */
  readonly files: ReadonlySet<string>;
}

/** A part whose file can't be read keeps the name; whatever needs it is closed by the build, which reports it. */
export async function readPemFiles(configuration: DynamicConfiguration, readText: ReadText): Promise<WithTexts> {
  const files = new Set<string>();
  visitSources(configuration, (source) => {
    if (!("text" in source)) files.add(source.file);
    return source;
  });
  if (files.size === 0) return { configuration, files };
  const texts = new Map<string, string>();
  await Promise.all([...files].map(async (file) => {
    try {
      texts.set(file, await readText(file));
    } catch {
      // the build tells which part lacks it
    }
  }));
  const read = (source: PemSource): PemSource => {
    const text = "text" in source ? undefined : texts.get(source.file);
    return text === undefined ? source : { ...source, text };
  };
  return { configuration: visitSources(configuration, read), files };
}

type Replace = (source: PemSource) => PemSource;

function visitSources(configuration: DynamicConfiguration, replace: Replace): DynamicConfiguration {
  const { http, tcp, tls } = configuration;
  return {
    ...configuration,
    http: { ...http, serversTransports: mapRecord(http.serversTransports, (part) => withServersTls(part, replace)) },
    ...(tcp !== undefined && {
      tcp: { ...tcp, serversTransports: mapRecord(tcp.serversTransports, (part) => withTcpTls(part, replace)) },
    }),
    ...(tls !== undefined && { tls: withTls(tls, replace) }),
  };
}

function withTls({ certificates, options, stores }: TlsConfiguration, replace: Replace): TlsConfiguration {
  return {
    certificates: mapRecord(certificates, (part) => ({ ...part, ...withPair(part, replace) })),
    options: mapRecord(
      options,
      (part) =>
        part.clientAuth === undefined
          ? part
          : { ...part, clientAuth: { ...part.clientAuth, caFiles: part.clientAuth.caFiles.map(replace) } },
    ),
    stores: mapRecord(
      stores,
      (part) =>
        part.defaultCertificate === undefined
          ? part
          : { ...part, defaultCertificate: withPair(part.defaultCertificate, replace) },
    ),
  };
}

function withServersTls(part: ServersTransport, replace: Replace): ServersTransport {
  return { ...part, ...withPems(part, replace) };
}

function withTcpTls(part: TcpServersTransport, replace: Replace): TcpServersTransport {
  return part.tls === undefined ? part : { ...part, tls: { ...part.tls, ...withPems(part.tls, replace) } };
}

function withPems({ rootCAs, certificates }: ClientTls, replace: Replace): Pick<ClientTls, "rootCAs" | "certificates"> {
  const pairs = certificates?.map((pair) => withPair(pair, replace));
  return { rootCAs: rootCAs.map(replace), ...(pairs !== undefined && { certificates: pairs }) };
}

function withPair({ certificate, privateKey }: KeyPair, replace: Replace): KeyPair {
  return { certificate: replace(certificate), privateKey: replace(privateKey) };
}

function mapRecord<T>(record: Readonly<Record<string, T>>, map: (part: T) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).map(([key, part]) => [key, map(part)]));
}
