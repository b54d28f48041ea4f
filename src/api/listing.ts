// Search, order and pages of the API's lists, by Traefik's query parameters.

/** How one kind of part is searched and sorted. */
export interface ListingRules<T> {
  nameOf(item: T): string;
  statusOf(item: T): string;
  /** Texts that `search` looks into. */
  searchable(item: T): readonly string[];
  /** Values `sortBy` knows, besides `name`. */
  readonly sortKeys: Readonly<Record<string, (item: T) => string | number>>;
  /** Filters by other query parameters. */
  readonly filters?: Readonly<Record<string, (item: T, wanted: string) => boolean>>;
}

/** The query parameters of a request. */
export type Query = Readonly<Record<string, string | undefined>>;

/** One page, or why there is none. */
export type Page<T> =
  | { readonly items: readonly T[]; readonly nextPage: number }
  | { readonly error: string };

const PER_PAGE = 100; // Traefik's default
const MAX_PER_PAGE = 10_000; // an answer stays of a size a browser can show

/** Applies `search`, `status`, the other filters, `sortBy`, `direction`, `page` and `per_page`. */
export function listPage<T>(items: readonly T[], query: Query, rules: ListingRules<T>): Page<T> {
  const found = items.filter((item) => isFound(item, query, rules));
  return pageOf(sortItems(found, query, rules), query);
}

/** Applies `page` and `per_page`. `nextPage` is 1 on the last page, as Traefik says it. */
export function pageOf<T>(items: readonly T[], query: Query): Page<T> {
  const page = readPositive("page", query["page"], 1);
  const perPage = readPositive("per_page", query["per_page"], PER_PAGE);
  if (typeof page === "string") return { error: page };
  if (typeof perPage === "string") return { error: perPage };
  const size = Math.min(perPage, MAX_PER_PAGE);
  const start = (page - 1) * size;
  if (start > 0 && start >= items.length) return { error: `invalid request: page: ${page}, per_page: ${perPage}` };
  const end = start + size;
  return { items: items.slice(start, end), nextPage: end < items.length ? page + 1 : 1 };
}

function isFound<T>(item: T, query: Query, rules: ListingRules<T>): boolean {
  const status = query["status"] ?? "";
  if (status !== "" && rules.statusOf(item).toLowerCase() !== status.toLowerCase()) return false;
  for (const [parameter, filter] of Object.entries(rules.filters ?? {})) {
    const wanted = query[parameter] ?? "";
    if (wanted !== "" && !filter(item, wanted)) return false;
  }
  const search = (query["search"] ?? "").toLowerCase();
  return search === "" || rules.searchable(item).some((text) => text.toLowerCase().includes(search));
}

function sortItems<T>(items: readonly T[], query: Query, rules: ListingRules<T>): readonly T[] {
  const wanted = query["sortBy"] ?? "name";
  const keyOf = Object.hasOwn(rules.sortKeys, wanted) ? rules.sortKeys[wanted] ?? rules.nameOf : rules.nameOf;
  const sign = query["direction"] === "desc" ? -1 : 1;
  return [...items].sort((left, right) =>
    sign * (compare(keyOf(left), keyOf(right)) || compare(rules.nameOf(left), rules.nameOf(right)))
  );
}

function compare(left: string | number, right: string | number): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function readPositive(name: string, text: string | undefined, byDefault: number): number | string {
  if (text === undefined || text === "") return byDefault;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return value > 0 ? value : `invalid request: ${name}: ${text}`;
}
