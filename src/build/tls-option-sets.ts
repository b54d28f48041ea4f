// TLS options of one configuration, read once for HTTPS and once for TCP, whose protocols differ.

import type { TlsOptions } from "../config/dynamic-tls.ts";
import { builtInTlsOptions } from "../config/dynamic-tls.ts";
import type { MergedConfiguration } from "../config/merge.ts";
import type { Merged } from "../config/merge-section.ts";
import { DEFAULT_TLS_OPTIONS } from "../config/qualify.ts";
import type { Problem } from "../schema/problem.ts";
import { hintFor } from "../schema/suggest.ts";
import { type OptionSetResult, readOptionSet } from "../tls/option-set.ts";
import type { BuildContext } from "./context.ts";
import { nameOf } from "./status.ts";

/** Whose handshakes they are for. */
export type TlsUse = "http" | "tcp";

/** Protocols that weir speaks with HTTPS clients. */
const HTTP_PROTOCOLS = ["h2", "http/1.1"];

/** Why there are no options, in words a router's problem can end with. */
export interface TlsFault {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  /** Where the router names what is wrong. */
  readonly path?: Problem["path"] | undefined;
}

/** Options of one configuration. */
export class TlsOptionSets {
  readonly problems: Problem[] = [];
  readonly #context: BuildContext;
  readonly #options: MergedConfiguration["tls"]["options"];
  readonly #memory: OptionMemory;
  /** undefined: those that are built in. */
  readonly #default: Merged<TlsOptions> | undefined;
  readonly #ambiguity: string | undefined;

  constructor(options: MergedConfiguration["tls"]["options"], context: BuildContext) {
    const defaults = Object.values(options).filter(({ isDefault }) => isDefault === true);
    this.#context = context;
    this.#options = options;
    this.#memory = context.state.take("tls options", isOptionMemory, () => new OptionMemory());
    this.#default = defaults[0];
    this.#ambiguity = defaults.length > 1 ? defaults.map(nameOf).join(", ") : undefined;
    if (this.#ambiguity !== undefined) this.problems.push(severalDefaults(this.#ambiguity, defaults.at(-1)?.source));
    for (const each of Object.values(options)) this.#tell(each);
  }

  /** @param key of options, or `default` */
  find(key: string, use: TlsUse): OptionSetResult | { readonly missing: TlsFault } {
    const isDefault = key === DEFAULT_TLS_OPTIONS;
    if (isDefault && this.#ambiguity !== undefined) {
      const message = `several TLS options are the default ones: ${this.#ambiguity}`;
      return { missing: { code: "ambiguous-tls-options", message } };
    }
    const options = isDefault ? this.#default ?? builtInTlsOptions : this.#options[key];
    return options === undefined ? { missing: this.#missing(key) } : this.#read(options, use);
  }

  /**
   * What an entry point's option means for a router: a name with its provider, or, as in Traefik, of the router's own.
   * @returns a key; the reference itself where nothing has that name
   */
  resolve(reference: string, provider: string): string {
    if (reference === DEFAULT_TLS_OPTIONS || this.#options[reference] !== undefined) return reference;
    const names = [reference, `${reference}@${provider}`];
    const found = Object.entries(this.#options).find(([key, each]) =>
      names.includes(key) || names.includes(nameOf(each))
    );
    return found?.[0] ?? reference;
  }

  /** Name of options for people. */
  nameOf(key: string): string {
    const options = key === DEFAULT_TLS_OPTIONS ? this.#default : this.#options[key];
    return options === undefined ? key : nameOf(options);
  }

  #missing(key: string): TlsFault {
    const known = Object.keys(this.#options);
    return {
      code: "missing-tls-options",
      message: `the TLS options ${key} do not exist`,
      hint: known.length === 0 ? "no TLS options are configured" : hintFor(key, known),
    };
  }

  #read(options: TlsOptions, use: TlsUse): OptionSetResult {
    const { runtime, assumesFiles = false } = this.#context;
    const protocols = use === "http" ? { protocols: HTTP_PROTOCOLS } : { moreProtocols: moreProtocolsOf(options) };
    const reading = { runtime, assumesFiles, ...protocols };
    return this.#memory.take(options, use, () => readOptionSet(options, reading));
  }

  /** What the runtime makes of them. Defects were reported by the provider. */
  #tell(options: Merged<TlsOptions>): void {
    if ((options.defects ?? []).length > 0) return;
    const result = this.#read(options, "tcp");
    const name = nameOf(options);
    const told = (severity: Problem["severity"], code: string, message: string): void => {
      const { source } = options;
      this.problems.push({ severity, code, message, ...(source !== undefined && { source }) });
    };
    if ("fault" in result) {
      told("error", "broken-tls-options", `the TLS options ${name} can't be used: ${result.fault}`);
    } else {for (const each of result.warnings) {
        told("warning", "unsupported-tls-option", `the TLS options ${name}: ${each}`);
      }}
  }
}

/** Reading asks the TLS library, and the same options come again with every build. */
class OptionMemory {
  readonly #known: Readonly<Record<TlsUse, WeakMap<TlsOptions, OptionSetResult>>> = {
    http: new WeakMap(),
    tcp: new WeakMap(),
  };

  take(options: TlsOptions, use: TlsUse, read: () => OptionSetResult): OptionSetResult {
    let result = this.#known[use].get(options);
    if (result === undefined) {
      result = read();
      this.#known[use].set(options, result);
    }
    return result;
  }
}

function isOptionMemory(value: unknown): value is OptionMemory {
  return value instanceof OptionMemory;
}

function severalDefaults(names: string, source: Problem["source"]): Problem {
  return {
    severity: "error",
    code: "ambiguous-tls-options",
    message: `several TLS options are the default ones: ${names}`,
    hint: "keep one; until then, routers that name no TLS options are closed",
    ...(source !== undefined && { source }),
  };
}

/** psql 17 offers this one and no other, and gives up where it is refused. Lists that somebody wrote are kept to. */
function moreProtocolsOf({ alpnProtocols }: TlsOptions): readonly string[] {
  return alpnProtocols.join() === builtInTlsOptions.alpnProtocols.join() ? ["postgresql"] : [];
}
