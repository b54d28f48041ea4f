// Routes by host: a request, or a connection that names a server, meets only those that its host does not rule out.

import type { Predicate } from "../rule/predicate.ts";
import type { KnownHost } from "../rule/specialize.ts";
import { HostLists } from "./host-lists.ts";

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
  readonly #lists = new HostLists<Candidate<R, Subject>>();
  readonly #rest: Candidate<R, Subject>[] = [];
  readonly #none: readonly Candidate<R, Subject>[] = [];

  /** For a host, or for those of a wildcard. Candidates must come in order of rank. */
  add(known: KnownHost, candidate: Candidate<R, Subject>): void {
    this.#lists.add(known, candidate);
  }

  /** For hosts of any kind. */
  addRest(candidate: Candidate<R, Subject>): void {
    this.#rest.push(candidate);
  }

  /** All exact hosts, for suggestions. */
  hosts(): Iterable<string> {
    return this.#lists.exact.keys();
  }

  /** The first route that matches. @param host in lower case; empty: none is known */
  find(host: string, subject: Subject): R | undefined {
    const exact = this.#lists.exactOf(host) ?? this.#none;
    const wildcard = this.#lists.wildcardOf(host) ?? this.#none;
    if (this.#rest.length === 0 && wildcard.length === 0) return firstMatch(exact, subject);
    return this.#findMerged(subject, exact, wildcard);
  }

  /** Everything that could match a host, in order. Not for the request path: it allocates. */
  candidatesOf(host: string): readonly Candidate<R, Subject>[] {
    const [exact, wildcard] = [this.#lists.exactOf(host) ?? [], this.#lists.wildcardOf(host) ?? []];
    const all = [...exact, ...wildcard, ...this.#rest];
    return all.sort((a, b) => a.rank - b.rank);
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
