// TLS options as handshakes are done with: what the runtime is told, and what of the wishes it can't fulfil.

import type { TlsOptions, TlsVersion as ConfiguredVersion } from "../config/dynamic-tls.ts";
import { toProxyError } from "../net/error.ts";
import { sha256Hex } from "../net/hash.ts";
import type { Runtime } from "../net/runtime.ts";
import type { SecureSettings, TlsVersion } from "../net/tls.ts";
import { toCurve, toSuite } from "./openssl-names.ts";

/** Options in force. Two that mean the same have the same key, whatever their names. */
export interface OptionSet {
  readonly key: string;
  readonly sniStrict: boolean;
  /** Clients without an accepted certificate are refused. */
  readonly demandsClient: boolean;
  readonly settings: SecureSettings;
}

/** What became of options: a set, or why there is none. Warnings say what of the wishes is not fulfilled. */
export type OptionSetResult =
  | { readonly set: OptionSet; readonly warnings: readonly string[] }
  | { readonly fault: string };

/** How options are read. */
export interface OptionReading {
  readonly runtime: Pick<Runtime, "name" | "gaps" | "secureServer">;
  /** Protocols that weir serves behind such a handshake; `undefined`: all. */
  readonly protocols?: readonly string[];
  /** Offered besides those of the options. */
  readonly moreProtocols?: readonly string[];
  /** Authorities in files that were not read are taken for sound, and no certificates are asked for. Default: false. */
  readonly assumesFiles?: boolean;
}

/** Gaps of runtimes that concern options, by their feature. */
const GAP = {
  ciphers: "tls-ciphers",
  curves: "tls-curves",
  oldVersions: "tls-below-1.2",
  noTickets: "tls-no-tickets",
} as const;

/** From accept to the end of the handshake: longer than any honest client takes. */
const HANDSHAKE_MS = 10_000;

const VERSIONS: Readonly<Record<ConfiguredVersion, TlsVersion>> = {
  VersionTLS10: "1.0",
  VersionTLS11: "1.1",
  VersionTLS12: "1.2",
  VersionTLS13: "1.3",
};

/** That of ACME challenges, which are not answered by routers (RFC 8737). */
const ACME_PROTOCOL = "acme-tls/1";

/** Reads options. Those that can't be had as they are wished, and would be less strict, are a fault. */
export function readOptionSet(options: TlsOptions, reading: OptionReading): OptionSetResult {
  const [defect] = options.defects ?? [];
  return defect === undefined ? new OptionReader(options, reading).read() : { fault: defect };
}

class OptionReader {
  readonly #options: TlsOptions;
  readonly #reading: OptionReading;
  readonly #warnings: string[] = [];

  constructor(options: TlsOptions, reading: OptionReading) {
    this.#options = options;
    this.#reading = reading;
  }

  read(): OptionSetResult {
    const authorities = this.#authorities();
    if ("fault" in authorities) return authorities;
    const versions = this.#versions();
    if ("fault" in versions) return versions;
    const ciphers = this.#ciphers(versions);
    if ("fault" in ciphers) return ciphers;
    const { clientAuth, sniStrict, disableSessionTickets, alpnProtocols } = this.#options;
    const { protocols = alpnProtocols, moreProtocols = [] } = this.#reading;
    const offered = [...alpnProtocols, ...moreProtocols];
    const type = authorities.isAssumed ? "NoClientCert" : clientAuth?.clientAuthType ?? "NoClientCert";
    const settings: SecureSettings = {
      ...ciphers,
      curves: this.#curves(),
      alpn: offered.filter((each) =>
        each !== ACME_PROTOCOL && (protocols.includes(each) || moreProtocols.includes(each))
      ),
      clientAuth: type,
      clientCa: authorities.text,
      sessionTickets: !disableSessionTickets,
      handshakeTimeoutMs: HANDSHAKE_MS,
      choose: () => undefined, // it is chosen before, by the table in force
    };
    if (disableSessionTickets && this.#lacks(GAP.noTickets)) {
      const { name } = this.#reading.runtime;
      this.#warnings.push(`${name} can't switch session tickets off, so "disableSessionTickets" has no effect`);
    }
    const problem = this.#problemOf(settings);
    if (problem !== undefined) return { fault: problem };
    const demandsClient = type === "RequireAnyClientCert" || type === "RequireAndVerifyClientCert";
    const key = sha256Hex(JSON.stringify([settings, sniStrict])); // functions are left out
    return { set: { key, sniStrict, demandsClient, settings }, warnings: this.#warnings };
  }

  #authorities(): { readonly text: string | undefined; readonly isAssumed: boolean } | { readonly fault: string } {
    const texts: string[] = [];
    for (const source of this.#options.clientAuth?.caFiles ?? []) {
      if ("text" in source) texts.push(source.text);
      else if (this.#reading.assumesFiles === true) return { text: undefined, isAssumed: true };
      else return { fault: `the certificate authorities in ${source.file} can't be read` };
    }
    return { text: texts.length === 0 ? undefined : texts.join("\n"), isAssumed: false };
  }

  #versions(): Pick<SecureSettings, "minVersion" | "maxVersion"> | { readonly fault: string } {
    const { minVersion = "VersionTLS12", maxVersion = "VersionTLS13" } = this.#options;
    const [min, max] = [VERSIONS[minVersion], VERSIONS[maxVersion]];
    if (min >= "1.2" || !this.#lacks(GAP.oldVersions)) return { minVersion: min, maxVersion: max };
    const name = this.#reading.runtime.name;
    if (max < "1.2") return { fault: `${name} speaks TLS 1.2 and 1.3 only, and "maxVersion" is ${maxVersion}` };
    this.#warnings.push(`${name} speaks TLS 1.2 and 1.3 only, so "minVersion" ${minVersion} means VersionTLS12`);
    return { minVersion: "1.2", maxVersion: max };
  }

  /** As in Go, a list without suites of TLS 1.2 and below leaves those versions nothing to speak. */
  #ciphers(
    versions: Pick<SecureSettings, "minVersion" | "maxVersion">,
  ): Pick<SecureSettings, "minVersion" | "maxVersion" | "ciphers"> | { readonly fault: string } {
    const { cipherSuites = [] } = this.#options;
    if (cipherSuites.length === 0 || versions.minVersion === "1.3") return { ...versions, ciphers: [] };
    const meanings = [...new Set(cipherSuites)].map((name) => ({ name, meaning: toSuite(name) }));
    const wanted = meanings.flatMap(({ name, meaning }) =>
      meaning.kind === "suite" ? [{ name, openssl: meaning.name }] : []
    );
    if (wanted.length > 0 && this.#lacks(GAP.ciphers)) {
      this.#warnings.push(
        `${this.#reading.runtime.name} can't limit the cipher suites, so "cipherSuites" has no effect`,
      );
      return { ...versions, ciphers: [] };
    }
    const known = wanted.filter(({ openssl }) => this.#problemOf(probe({ ciphers: [openssl] })) === undefined);
    const unknown = wanted.filter((each) => !known.includes(each)).map(({ name }) => name);
    if (unknown.length > 0) {
      this.#warnings.push(`${this.#reading.runtime.name} has no cipher suite ${unknown.join(", ")}`);
    }
    if (known.length > 0) return { ...versions, ciphers: [...new Set(known.map(({ openssl }) => openssl))] };
    if (versions.maxVersion === "1.3") return { minVersion: "1.3", maxVersion: "1.3", ciphers: [] };
    return { fault: `no version up to ${versions.maxVersion} is left with a cipher suite of "cipherSuites"` };
  }

  #curves(): readonly string[] {
    const { curvePreferences = [] } = this.#options;
    if (curvePreferences.length === 0) return [];
    const { name } = this.#reading.runtime;
    if (this.#lacks(GAP.curves)) {
      this.#warnings.push(`${name} can't choose key exchanges, so "curvePreferences" has no effect`);
      return [];
    }
    const known = curvePreferences.filter((curve) =>
      this.#problemOf(probe({ curves: [toCurve(curve)] })) === undefined
    );
    const unknown = curvePreferences.filter((curve) => !known.includes(curve));
    if (unknown.length > 0) this.#warnings.push(`${name} has no key exchange ${unknown.join(", ")}`);
    return known.map(toCurve);
  }

  #lacks(feature: string): boolean {
    return this.#reading.runtime.gaps.some((gap) => gap.feature === feature);
  }

  /** The runtime's own judgement. */
  #problemOf(settings: SecureSettings): string | undefined {
    try {
      this.#reading.runtime.secureServer(settings);
      return undefined;
    } catch (thrown) {
      return toProxyError(thrown).message;
    }
  }
}

function probe(bounds: Pick<SecureSettings, "ciphers" | "curves">): SecureSettings {
  return { ...bounds, clientAuth: "NoClientCert", handshakeTimeoutMs: 0, choose: () => undefined };
}
