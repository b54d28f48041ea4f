// Routes by host: a request, or a connection that names a server, meets only those that its host does not rule out.

import type { Predicate } from "../rule/predicate.ts";
import { parentOf } from "../rule/host-pattern.ts";

/** A route where one host is known: what remains to be asked. */
export interface Candidate<R, Subject> {
  /** Place in the order of all routes; lower is asked first. */
  readonly rank: number;
  readonly route: R;
  /** undefined: the host decided everything. */
  readonly match: Predicate<Subject> | undefined;
}

/**
 * Three lists per request, each in order of rank, walked together:
 * ```
 * exact    "a.example"  → 2, 7        Host(`a.example`) && …
 * wildcard "example"    → 3           Host(`*.example`)
 * rest                  → 1, 9, …     no host, HostRegexp, !Host(…)
 * ```
 */
export class HostIndex<R, Subject> {
  readonly #exact = new Map<string, Candidate<R, Subject>[]>();
  /** By what follows the first label. */
  readonly #wildcard = new Map<string, Candidate<R, Subject>[]>();
  readonly #rest: Candidate<R, Subject>[] = [];
  readonly #none: readonly Candidate<R, Subject>[] = [];

  /** Candidates must come in order of rank. */
  addExact(host: string, candidate: Candidate<R, Subject>): void {
    append(this.#exact, host, candidate);
  }

  /** For all hosts of one label and `.parent`. */
  addWildcard(parent: string, candidate: Candidate<R, Subject>): void {
    append(this.#wildcard, parent, candidate);
  }

  /** For hosts of any kind. */
  addRest(candidate: Candidate<R, Subject>): void {
    this.#rest.push(candidate);
  }

  /** All exact hosts, for suggestions. */
  hosts(): Iterable<string> {
    return this.#exact.keys();
  }

  /** The first route that matches. @param host in lower case; empty: none is known */
  find(host: string, subject: Subject): R | undefined {
    const exact = this.#exact.get(host) ?? this.#none;
    const wildcard = this.#wildcardsOf(host);
    if (this.#rest.length === 0 && wildcard.length === 0) return firstMatch(exact, subject);
    return this.#findMerged(subject, exact, wildcard);
  }

  /** Everything that could match a host, in order. Not for the request path: it allocates. */
  candidatesOf(host: string): readonly Candidate<R, Subject>[] {
    const all = [...(this.#exact.get(host) ?? []), ...this.#wildcardsOf(host), ...this.#rest];
    return all.sort((a, b) => a.rank - b.rank);
  }

  #wildcardsOf(host: string): readonly Candidate<R, Subject>[] {
    if (this.#wildcard.size === 0) return this.#none;
    const parent = parentOf(host);
    return parent === undefined ? this.#none : this.#wildcard.get(parent) ?? this.#none;
  }

  #findMerged(
    subject: Subject,
    exact: readonly Candidate<R, Subject>[],
    wildcard: readonly Candidate<R, Subject>[],
  ): R | undefined {
    const rest = this.#rest;
    let [atExact, atWildcard, atRest] = [0, 0, 0];
    for (;;) {
      const fromExact = exact[atExact];
      const fromWildcard = wildcard[atWildcard];
      const best = earlier(earlier(fromExact, fromWildcard), rest[atRest]);
      if (best === undefined) return undefined;
      if (best.match === undefined || best.match(subject)) return best.route;
      if (best === fromExact) atExact++;
      else if (best === fromWildcard) atWildcard++;
      else atRest++;
    }
  }
}

function earlier<C extends { readonly rank: number }>(a: C | undefined, b: C | undefined): C | undefined {
  if (a === undefined) return b;
  return b === undefined || a.rank <= b.rank ? a : b;
}

function firstMatch<R, Subject>(candidates: readonly Candidate<R, Subject>[], subject: Subject): R | undefined {
  for (const candidate of candidates) {
    if (candidate.match === undefined || candidate.match(subject)) return candidate.route;
  }
  return undefined;
}

function append<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
