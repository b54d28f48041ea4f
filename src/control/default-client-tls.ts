// TLS towards servers as the start options say it, for services that name no transport.

import type { ClientTls, PemSource } from "../config/dynamic-tls.ts";
import { toPemSource } from "../config/pem.ts";
import type { StaticConfiguration } from "../config/static.ts";
import { readCertificates } from "../net/certificate.ts";
import { ProxyError, toProxyError } from "../net/error.ts";
import type { Files } from "../net/runtime.ts";

type Options = Pick<StaticConfiguration["serversTransport"], "insecureSkipVerify" | "rootCAs">;

/**
 * Reads the authorities.
 * @returns undefined: nothing is said of TLS
 * @throws {ProxyError} `bad-root-ca`: some can't be read, and without them no server would be trusted
 */
export async function readDefaultTls(options: Options, files: Files): Promise<ClientTls | undefined> {
  const { insecureSkipVerify, rootCAs } = options;
  if (!insecureSkipVerify && rootCAs.length === 0) return undefined;
  return { insecureSkipVerify, rootCAs: await Promise.all(rootCAs.map((each) => readAuthority(each, files))) };
}

async function readAuthority(fileOrContent: string, files: Files): Promise<PemSource> {
  const source = toPemSource(fileOrContent);
  try {
    const text = "text" in source ? source.text : await files.readText(source.file);
    readCertificates(text);
    return { ...source, text };
  } catch (cause) {
    const where = source.file === undefined ? "a text" : source.file;
    const message = `serversTransport.rootCAs: ${where} can't be used: ${toProxyError(cause).message}`;
    throw new ProxyError(message, { code: "bad-root-ca", source: "internal", status: 500, cause });
  }
}
