// TLS as routers refer to it. A reference to what is missing or broken closes the router: serving with other options
// than those asked for would drop, for one, the demand for a client's certificate (CVE-2022-46153).

import type { RouterTls } from "../config/dynamic-tls.ts";
import type { MergedConfiguration } from "../config/merge.ts";
import { DEFAULT_TLS_OPTIONS } from "../config/qualify.ts";
import type { SecureServer, TlsIdentity } from "../net/tls.ts";
import type { Problem } from "../schema/problem.ts";
import type { ChooseTls } from "../tls/choice.ts";
import { isOptionServer, OptionServer } from "../tls/option-server.ts";
import type { OptionSet } from "../tls/option-set.ts";
import type { BuildContext } from "./context.ts";
import type { Dependency } from "./memory.ts";
import { nameOf } from "./status.ts";
import { TlsCertificates } from "./tls-certificates.ts";
import { type TlsFault, TlsOptionSets, type TlsUse } from "./tls-option-sets.ts";

/** Options and certificates of one configuration. */
export class TlsParts {
  readonly #config: MergedConfiguration["tls"];
  readonly #context: BuildContext;
  readonly #certificates: TlsCertificates;
  readonly #options: TlsOptionSets;
  readonly #servers = new Map<string, OptionServer>();

  constructor(config: MergedConfiguration["tls"], context: BuildContext) {
    this.#config = config;
    this.#context = context;
    this.#certificates = new TlsCertificates(config, context);
    this.#options = new TlsOptionSets(config.options, context);
  }

  /** What is wrong with options, certificates and stores themselves. */
  get problems(): readonly Problem[] {
    return [...this.#options.problems, ...this.#certificates.problems];
  }

  /** Certificates that clients are shown. */
  get served(): readonly TlsIdentity[] {
    return this.#certificates.served;
  }

  /** What is wrong with a router's wishes; nothing, when it may serve. */
  faultsOf(tls: RouterTls, use: TlsUse): readonly TlsFault[] {
    const faults = [this.#optionsFault(tls.options ?? DEFAULT_TLS_OPTIONS, use)];
    const path = tls.certificatesPath;
    for (const key of tls.certificates ?? []) {
      const fault = this.#certificateFault(key);
      faults.push(fault && { ...fault, ...(path !== undefined && { path }) });
    }
    return faults.filter((fault) => fault !== undefined);
  }

  /** What {@link faultsOf} and {@link setOf} looked at. */
  dependenciesOf({ options = DEFAULT_TLS_OPTIONS, certificates = [] }: RouterTls): Dependency[] {
    return [
      { kind: "tlsOptions", key: options, value: this.options(options) },
      ...certificates.map((key): Dependency => ({ kind: "certificate", key, value: this.certificate(key) })),
    ];
  }

  /** What became of options: the key of their set, or why there is none. */
  options(key: string): string {
    const result = this.#options.find(key, "http");
    if ("missing" in result) return result.missing.message;
    return "set" in result ? result.set.key : result.fault;
  }

  /** What became of a certificate: why it can't be served, or that it can. */
  certificate(key: string): string {
    return this.#certificateFault(key)?.message ?? "";
  }

  /** An entry point's wishes, for a router of that provider. */
  resolve(wishes: RouterTls, provider: string): RouterTls {
    const { options } = wishes;
    return options === undefined ? wishes : { ...wishes, options: this.#options.resolve(options, provider) };
  }

  /** Name of options for people. */
  optionsName(key: string): string {
    return this.#options.nameOf(key);
  }

  /** Options in force for a router; undefined: they can't be had, and nobody may be served instead. */
  setOf({ options = DEFAULT_TLS_OPTIONS }: RouterTls, use: TlsUse): OptionSet | undefined {
    const result = this.#options.find(options, use);
    return "set" in result ? result.set : undefined;
  }

  /** The server of an option set, with the certificate for one client. */
  choose(set: OptionSet, ...[hello, localIp]: Parameters<ChooseTls>): ReturnType<ChooseTls> {
    const identity = this.#certificates.store.choose(hello, localIp, Date.now(), set.sniStrict);
    return { server: this.#serverOf(set), identity, optionsKey: set.key };
  }

  /** Makes sure that a server is kept for as long as the table. @throws {ProxyError} `bad-tls-options` */
  prepare({ key, settings }: OptionSet): void {
    if (this.#servers.has(key)) return;
    const { state, runtime } = this.#context;
    const create = () => new OptionServer(runtime, settings, performance.now());
    this.#servers.set(key, state.take(`tls server ${key}`, isOptionServer, create));
  }

  #serverOf(set: OptionSet): SecureServer {
    let server = this.#servers.get(set.key);
    if (server === undefined) {
      server = new OptionServer(this.#context.runtime, set.settings, performance.now());
      this.#servers.set(set.key, server);
    }
    return server.get(performance.now());
  }

  #optionsFault(key: string, use: TlsUse): TlsFault | undefined {
    const result = this.#options.find(key, use);
    if ("missing" in result) return result.missing;
    if ("set" in result) return undefined;
    const name = this.#options.nameOf(key);
    return { code: "broken-tls-options", message: `the TLS options ${name} can't be used: ${result.fault}` };
  }

  #certificateFault(key: string): TlsFault | undefined {
    const certificate = this.#config.certificates[key];
    const loaded = this.#certificates.get(key);
    if (certificate === undefined || loaded === undefined) {
      return { code: "missing-certificate", message: `the certificate ${key} does not exist` };
    }
    const { identity, fault } = loaded;
    if (identity !== undefined || fault === undefined) return undefined;
    return { code: "broken-certificate", message: `the certificate ${nameOf(certificate)} can't be used: ${fault}` };
  }
}
