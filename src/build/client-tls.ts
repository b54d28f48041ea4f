// From a transport's TLS options to what its servers are dialled with; read once for as long as they stay the same.

import type { ClientTls, KeyPair, PemSource } from "../config/dynamic-tls.ts";
import { readCertificates } from "../net/certificate.ts";
import { ProxyError, toProxyError } from "../net/error.ts";
import { sha256Hex } from "../net/hash.ts";
import type { Runtime } from "../net/runtime.ts";
import type { StateStore } from "../net/state.ts";
import type { TlsIdentity } from "../net/tls.ts";
import { ServerTls } from "../service/server-tls.ts";
import type { ServerTlsOptions } from "../service/server-tls.ts";
import { readOptionSet } from "../tls/option-set.ts";
import { readPeerCheck } from "./peer-check.ts";

/** What became of the options: TLS, or why there is none. Warnings say what of the wishes is not fulfilled. */
export type ServerTlsResult =
  | { readonly tls: ServerTls; readonly warnings: readonly string[]; readonly fault?: undefined }
  | { readonly fault: string };

/** Reads the options. Those that can't be had as they are wished, and would be less strict, are a fault. */
export function readServerTls(config: ClientTls, runtime: Runtime): ServerTlsResult {
  const warnings: string[] = [];
  try {
    const check = readPeerCheck(config);
    if ("fault" in check) return check;
    const bounds = boundsOf(config, runtime);
    if ("fault" in bounds) return bounds;
    warnings.push(...bounds.warnings);
    const ca = authoritiesOf(config);
    if (config.spiffe !== undefined && ca === undefined) {
      return { fault: "SPIFFE identities are checked against rootCAs, and there are none; no workload API is asked" };
    }
    const identity = identityOf(config, runtime, warnings);
    const dial: ServerTlsOptions["dial"] = {
      ...bounds.dial,
      serverName: config.serverName ?? "",
      // Whoever names what must be in a certificate wants it checked.
      skipVerify: config.insecureSkipVerify && check.judge === undefined,
      ...(ca !== undefined && { ca }),
      ...(identity !== undefined && { identity }),
    };
    return { tls: new ServerTls(keyOf(config), { dial, judge: check.judge }), warnings };
  } catch (thrown) {
    return { fault: toProxyError(thrown).message };
  }
}

type Bounds =
  | { readonly dial: Pick<ServerTlsOptions["dial"], "minVersion" | "maxVersion" | "ciphers">; warnings: string[] }
  | { readonly fault: string };

/** Versions and suites mean what they mean in the options of servers. */
function boundsOf({ minVersion, maxVersion, cipherSuites }: ClientTls, runtime: Runtime): Bounds {
  if (minVersion === undefined && maxVersion === undefined && cipherSuites === undefined) {
    return { dial: {}, warnings: [] };
  }
  const options = { sniStrict: false, alpnProtocols: [], disableSessionTickets: false };
  const result = readOptionSet({
    ...options,
    minVersion: minVersion ?? (maxVersion !== undefined && maxVersion < "VersionTLS12" ? maxVersion : "VersionTLS12"),
    ...(maxVersion !== undefined && { maxVersion }),
    ...(cipherSuites !== undefined && { cipherSuites }),
  }, { runtime });
  if ("fault" in result) return result;
  const { settings } = result.set;
  const dial = { minVersion: settings.minVersion, maxVersion: settings.maxVersion, ciphers: settings.ciphers };
  return { dial, warnings: [...result.warnings] };
}

/** @throws {ProxyError} `bad-certificate` */
function authoritiesOf({ rootCAs }: ClientTls): string | undefined {
  if (rootCAs.length === 0) return undefined;
  return rootCAs.map((source) => {
    const text = textOf(source, "certificate authorities");
    readCertificates(text);
    return text;
  }).join("\n");
}

/** @throws {ProxyError} `bad-certificate` */
function identityOf({ certificates = [] }: ClientTls, runtime: Runtime, warnings: string[]): TlsIdentity | undefined {
  const [first] = certificates.map(({ certificate, privateKey }: KeyPair) =>
    runtime.loadIdentity({ cert: textOf(certificate, "certificate"), key: textOf(privateKey, "private key") })
  );
  if (certificates.length > 1) {
    warnings.push(`only the first of the ${certificates.length} certificates is shown to servers`);
  }
  return first;
}

/** @throws {ProxyError} `unreadable-file` */
function textOf(source: PemSource, what: string): string {
  if ("text" in source) return source.text;
  const message = `the ${what} in ${source.file} can't be read`;
  throw new ProxyError(message, { code: "unreadable-file", source: "internal", status: 500 });
}

function keyOf(config: ClientTls): string {
  const { serverName, insecureSkipVerify, rootCAs, certificates, cipherSuites, minVersion, maxVersion } = config;
  const { peerCertURI, peerCertSANs, spiffe } = config;
  const fields = [serverName, insecureSkipVerify, rootCAs, certificates, cipherSuites, minVersion, maxVersion];
  return sha256Hex(JSON.stringify([...fields, peerCertURI, peerCertSANs, spiffe]));
}

/** Reading asks the TLS library, and the same options come again with every build. */
class ClientTlsMemory {
  readonly #known = new WeakMap<ClientTls, ServerTlsResult>();

  take(config: ClientTls, runtime: Runtime): ServerTlsResult {
    let result = this.#known.get(config);
    if (result === undefined) {
      result = readServerTls(config, runtime);
      this.#known.set(config, result);
    }
    return result;
  }
}

/** Reads options for one build, or remembers what an earlier one read. Call it once per build. */
export function createTlsReader(state: StateStore, runtime: Runtime): (config: ClientTls) => ServerTlsResult {
  const memory = state.take("client tls", isMemory, () => new ClientTlsMemory());
  return (config) => memory.take(config, runtime);
}

function isMemory(value: unknown): value is ClientTlsMemory {
  return value instanceof ClientTlsMemory;
}
