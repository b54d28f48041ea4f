// Which TLS options a host has: those of the HTTPS routers that its requests can reach.

import { detach } from "../net/bytes.ts";
import type { RuleNode } from "../rule/tree.ts";
import { HostLists } from "./host-lists.ts";
import { compileHostTest, type HostTest } from "./host-test.ts";
import { prepareRule } from "./prepare-rule.ts";
import type { HttpsNames } from "./tcp-table.ts";

/** An HTTPS router, as far as TLS is concerned. */
export interface TlsHostEntry<O> {
  /** For people: `name@provider`. */
  readonly name: string;
  readonly rule: RuleNode;
  /** undefined: its options can't be had, and what reaches it alone must be refused. */
  readonly options: O | undefined;
}

/** Routers whose options differ where only one can be in force. */
export interface TlsConflict {
  /** `a.test`, `*.a.test`; empty: hosts that no router names. */
  readonly host: string;
  readonly routers: readonly string[];
}

/** How options are compared, and which ones are in force where routers leave it open. */
export interface TlsDefaults<O> {
  keyOf(options: O): string;
  /** For hosts without routers, and where routers differ; undefined: such clients are refused. */
  readonly options: O | undefined;
}

interface Pattern<O> {
  readonly test: HostTest;
  readonly entry: TlsHostEntry<O>;
}

const NOBODY = "nobody.invalid"; // RFC 2606: a rule that takes it names no hosts

/** A client may ask for any host: so many answers are remembered. */
const REMEMBERED = 4096;
/** Characters of a DNS name; whoever asks for longer ones is no usual client. */
const LONGEST = 253;

/**
 * Four ranks, of which the first that has routers for a host decides:
 * ```
 * exact     Host(`a.test`)
 * wildcard  Host(`*.test`)
 * pattern   HostRegexp(`.+\.test`), and other rules that hold for some hosts only
 * rest      PathPrefix(`/`), !Host(`a.test`), Host(`a.test`) || Path(`/`)
 * ```
 */
export class TlsHosts<O> implements HttpsNames {
  readonly conflicts: readonly TlsConflict[];
  readonly #named = new HostLists<TlsHostEntry<O>>();
  readonly #patterns: Pattern<O>[] = [];
  readonly #rest: TlsHostEntry<O>[] = [];
  readonly #defaults: TlsDefaults<O>;
  readonly #known = new Map<string, O | undefined>();

  constructor(entries: readonly TlsHostEntry<O>[], defaults: TlsDefaults<O>) {
    this.#defaults = defaults;
    for (const entry of entries) this.#add(entry);
    this.conflicts = [
      ...this.#conflictsOf(this.#named.exact, ""),
      ...this.#conflictsOf(this.#named.wildcard, "*."),
      ...this.#conflictsOf(new Map([["", this.#rest]]), ""),
    ];
  }

  /** As for Traefik, patterns leave TCP routers the names they know. */
  find(serverName: string | undefined): "specific" | "catch-all" | undefined {
    const host = serverName ?? "";
    if (this.#namedOf(host) !== undefined) return "specific";
    return this.#rest.length > 0 || this.#patternsOf(host).length > 0 ? "catch-all" : undefined;
  }

  /** @returns undefined: whoever asks for the host is refused */
  optionsOf(host: string): O | undefined {
    const known = this.#known.get(host);
    if (known !== undefined) return known;
    const options = this.#decide(this.#entriesOf(host));
    if (host.length > LONGEST) return options;
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(detach(host), options);
    return options;
  }

  #entriesOf(host: string): readonly TlsHostEntry<O>[] {
    const named = this.#namedOf(host);
    if (named !== undefined) return named;
    const matching = this.#patternsOf(host);
    return matching.length > 0 ? matching : this.#rest;
  }

  #namedOf(host: string): readonly TlsHostEntry<O>[] | undefined {
    return this.#named.exactOf(host) ?? this.#named.wildcardOf(host);
  }

  #patternsOf(host: string): TlsHostEntry<O>[] {
    return this.#patterns.filter(({ test }) => test(host) !== false).map(({ entry }) => entry);
  }

  #decide(entries: readonly TlsHostEntry<O>[]): O | undefined {
    const usable = entries.map(({ options }) => options).filter((options) => options !== undefined);
    const [first] = usable;
    if (first === undefined) return entries.length > 0 ? undefined : this.#defaults.options;
    return this.#areEqual(usable) ? first : this.#defaults.options;
  }

  #areEqual(options: readonly O[]): boolean {
    return new Set(options.map((each) => this.#defaults.keyOf(each))).size <= 1;
  }

  #conflictsOf(index: ReadonlyMap<string, readonly TlsHostEntry<O>[]>, prefix: string): TlsConflict[] {
    return [...index].flatMap(([host, entries]) => {
      if (entries.length < 2) return [];
      const options = entries.map((entry) => entry.options).filter((each) => each !== undefined);
      if (this.#areEqual(options)) return [];
      return [{ host: `${prefix}${host}`, routers: [...new Set(entries.map(({ name }) => name))] }];
    });
  }

  #add(entry: TlsHostEntry<O>): void {
    const prepared = prepareRule(entry.rule);
    if (prepared.error !== undefined) return; // reported by whoever built the route
    if (prepared.shares === undefined) {
      const test = compileHostTest(entry.rule);
      if (test(NOBODY) === false) this.#patterns.push({ test, entry });
      else this.#rest.push(entry);
      return;
    }
    for (const { known } of prepared.shares) this.#named.add(known, entry);
  }
}
