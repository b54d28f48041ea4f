// TLS towards servers as the start options say it, for services that name no transport.

import { readServerTls } from "../build/client-tls.ts";
import { compact } from "../config/compact.ts";
import type { ClientTls, PemSource } from "../config/dynamic-tls.ts";
import { toPemSource } from "../config/pem.ts";
import type { StaticConfiguration } from "../config/static.ts";
import { readCertificates } from "../net/certificate.ts";
import { ProxyError, toProxyError } from "../net/error.ts";
import type { Runtime } from "../net/runtime.ts";

/** TLS of either kind of servers; undefined: nothing is said of it. */
export interface DefaultTls {
  readonly http: ClientTls | undefined;
  readonly tcp: ClientTls | undefined;
}

type Sections = Pick<StaticConfiguration, "serversTransport" | "tcpServersTransport">;
type Options = Pick<Sections["serversTransport"], "insecureSkipVerify" | "rootCAs" | "spiffe">;

/**
 * Reads the authorities, and checks the rest.
 * @throws {ProxyError} `bad-root-ca`: some can't be read, and without them no server would be trusted;
 *   `bad-servers-transport`: nobody could be served with these options
 */
export async function readDefaultTls(config: Sections, runtime: Runtime): Promise<DefaultTls> {
  const { serversTransport, tcpServersTransport: { tls } } = config;
  return {
    http: await readOptions("serversTransport", serversTransport, runtime),
    tcp: tls && await readOptions("tcpServersTransport.tls", tls, runtime),
  };
}

async function readOptions(name: string, options: Options, runtime: Runtime): Promise<ClientTls | undefined> {
  const { insecureSkipVerify, rootCAs, spiffe } = options;
  if (!insecureSkipVerify && rootCAs.length === 0 && spiffe === undefined) return undefined;
  const read = await Promise.all(rootCAs.map((each) => readAuthority(name, each, runtime)));
  const tls: ClientTls = { insecureSkipVerify, rootCAs: read, ...(spiffe && { spiffe: compact(spiffe) }) };
  const { fault } = readServerTls(tls, runtime);
  if (fault === undefined) return tls;
  const facts = { code: "bad-servers-transport", source: "internal", status: 500 } as const;
  throw new ProxyError(`${name} can't be used: ${fault}`, facts);
}

async function readAuthority(name: string, fileOrContent: string, { files }: Runtime): Promise<PemSource> {
  const source = toPemSource(fileOrContent);
  try {
    const text = "text" in source ? source.text : await files.readText(source.file);
    readCertificates(text);
    return { ...source, text };
  } catch (cause) {
    const where = source.file === undefined ? "a text" : source.file;
    const message = `${name}.rootCAs: ${where} can't be used: ${toProxyError(cause).message}`;
    throw new ProxyError(message, { code: "bad-root-ca", source: "internal", status: 500, cause });
  }
}
