// TLS as routers refer to it. A reference to what is missing or broken closes the router: serving with other options
// than those asked for would drop, for one, the demand for a client's certificate (CVE-2022-46153).

import type { Part } from "../config/dynamic-part.ts";
import type { RouterTls, TlsOptions } from "../config/dynamic-tls.ts";
import type { MergedConfiguration } from "../config/merge.ts";
import type { Merged } from "../config/merge-section.ts";
import { DEFAULT_TLS_OPTIONS } from "../config/qualify.ts";
import type { Problem } from "../schema/problem.ts";
import { hintFor } from "../schema/suggest.ts";
import type { Dependency } from "./memory.ts";
import { notServedYet } from "./not-served.ts";
import { nameOf } from "./status.ts";

/** Why a router can't serve with the TLS it wants. */
export interface TlsFault {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Several options that all claim to be the default ones. */
interface Conflict {
  readonly names: string;
}

/** Options and certificates of one configuration. */
export class TlsParts {
  /** Several default options, if that is so, and that none of it is served yet. */
  readonly problems: readonly Problem[];
  readonly #config: MergedConfiguration["tls"];
  /** Undefined: those that are built in. */
  readonly #defaultOptions: Merged<TlsOptions> | Conflict | undefined;

  constructor(config: MergedConfiguration["tls"]) {
    const defaults = Object.values(config.options).filter(({ isDefault }) => isDefault === true);
    this.#config = config;
    this.#defaultOptions = defaults.length > 1 ? { names: defaults.map(nameOf).join(", ") } : defaults[0];
    const { certificates, options, stores } = config;
    const parts: Merged<Part>[] = [certificates, options, stores].flatMap((section) =>
      Object.values<Merged<Part>>(section)
    );
    this.problems = [
      ...(defaults.length > 1 ? [severalDefaults(defaults)] : []),
      ...(parts.length > 0 ? [notServedYet("TLS", parts, "its certificates, options and stores have no effect")] : []),
    ];
  }

  /** What is wrong with a router's wishes; nothing, when it may serve. */
  faultsOf(tls: RouterTls): readonly TlsFault[] {
    const faults = [this.#optionsFault(tls.options ?? DEFAULT_TLS_OPTIONS)];
    for (const key of tls.certificates ?? []) faults.push(this.#certificateFault(key));
    return faults.filter((fault) => fault !== undefined);
  }

  /** What {@link faultsOf} looked at. */
  dependenciesOf({ options = DEFAULT_TLS_OPTIONS, certificates = [] }: RouterTls): Dependency[] {
    return [
      { kind: "tlsOptions", key: options, value: this.options(options) },
      ...certificates.map((key): Dependency => ({ kind: "certificate", key, value: this.certificate(key) })),
    ];
  }

  /** Options by key, or the default ones; for comparing, so that a conflict is its names. */
  options(key: string): unknown {
    if (key !== DEFAULT_TLS_OPTIONS) return this.#config.options[key];
    const options = this.#defaultOptions;
    return options !== undefined && "names" in options ? options.names : options;
  }

  /** Name of options for people. */
  optionsName(key: string): string {
    const options = this.#config.options[key];
    return options === undefined ? key : nameOf(options);
  }

  /** A certificate by key. */
  certificate(key: string): unknown {
    return this.#config.certificates[key];
  }

  #optionsFault(key: string): TlsFault | undefined {
    const isDefault = key === DEFAULT_TLS_OPTIONS;
    const options = isDefault ? this.#defaultOptions : this.#config.options[key];
    if (options === undefined) return isDefault ? undefined : missingOptions(key, Object.keys(this.#config.options));
    if ("names" in options) {
      return { code: "ambiguous-tls-options", message: `several TLS options are the default ones: ${options.names}` };
    }
    const [defect] = options.defects ?? [];
    if (defect === undefined) return undefined;
    return { code: "broken-tls-options", message: `the TLS options ${nameOf(options)} can't be used: ${defect}` };
  }

  #certificateFault(key: string): TlsFault | undefined {
    const certificate = this.#config.certificates[key];
    if (certificate === undefined) {
      return { code: "missing-certificate", message: `the certificate ${key} does not exist` };
    }
    const [defect] = certificate.defects ?? [];
    if (defect === undefined) return undefined;
    return { code: "broken-certificate", message: `the certificate ${nameOf(certificate)} can't be used: ${defect}` };
  }
}

function missingOptions(key: string, known: readonly string[]): TlsFault {
  return {
    code: "missing-tls-options",
    message: `the TLS options ${key} do not exist`,
    hint: known.length === 0 ? "no TLS options are configured" : hintFor(key, known),
  };
}

function severalDefaults(defaults: readonly Merged<TlsOptions>[]): Problem {
  const source = defaults.at(-1)?.source;
  return {
    severity: "error",
    code: "ambiguous-tls-options",
    message: `several TLS options are the default ones: ${defaults.map(nameOf).join(", ")}`,
    hint: "keep one; until then, routers that name no TLS options are closed",
    ...(source !== undefined && { source }),
  };
}
