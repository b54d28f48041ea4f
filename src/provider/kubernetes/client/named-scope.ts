// Which watches read a set of named objects: one for each name, or a wider one where there are many.

/** Names by namespace. */
export type WantedNames = ReadonlyMap<string, ReadonlySet<string>>;

/** What one watch reads: an object, a namespace, or the whole cluster. */
export interface NamedScope {
  readonly namespace?: string;
  /** Only with a namespace. */
  readonly name?: string;
}

/** What a plan is made from. */
export interface ScopePlanOptions {
  readonly wanted: WantedNames;
  /** Wide scopes that are open: what their lists were asked for, by {@link scopeKey}. */
  readonly open: ReadonlyMap<string, WantedNames>;
  /** Whether a wide scope may be tried. */
  readonly isAllowed: (scope: NamedScope) => boolean;
}

const NAMESPACE_AT = 20; // names in a namespace: so many watches cost the API server more than one of all its objects
const CLUSTER_AT = 64; // watches altogether

/** The identity of a scope: `/` is in no name. */
export function scopeKey({ namespace = "", name = "" }: NamedScope): string {
  return `${namespace}/${name}`;
}

/** Whether a scope is read for more than one name. */
export function isWide({ name }: NamedScope): boolean {
  return name === undefined;
}

/** Whether an object lies in a scope. */
export function isInScope(scope: NamedScope, namespace: string, name: string): boolean {
  if (scope.namespace !== undefined && scope.namespace !== namespace) return false;
  return scope.name === undefined || scope.name === name;
}

/**
 * The watches to have. A wide one goes on until half of what it was opened for is left; a name it did not list is
 * watched by itself, until there are so many of those that listing again is cheaper.
 */
export function planScopes({ wanted, open, isAllowed }: ScopePlanOptions): NamedScope[] {
  const cluster: NamedScope = {};
  const perNamespace = [...wanted].flatMap(([namespace, names]) => {
    return planNamespace({ namespace }, names, { open, isAllowed });
  });
  const limit = open.has(scopeKey(cluster)) ? CLUSTER_AT / 2 : CLUSTER_AT;
  if (perNamespace.length <= limit || !isAllowed(cluster)) return perNamespace;
  const all = [...wanted].flatMap(([namespace, names]) => [...names].map((name) => ({ namespace, name })));
  return [cluster, ...unlisted(all, open.get(scopeKey(cluster)))];
}

function planNamespace(
  scope: { readonly namespace: string },
  names: ReadonlySet<string>,
  { open, isAllowed }: Pick<ScopePlanOptions, "open" | "isAllowed">,
): NamedScope[] {
  const each = [...names].map((name) => ({ ...scope, name }));
  const limit = open.has(scopeKey(scope)) ? NAMESPACE_AT / 2 : NAMESPACE_AT;
  if (names.size <= limit || !isAllowed(scope)) return each;
  return [scope, ...unlisted(each, open.get(scopeKey(scope)))];
}

/** Those that the open list was not asked for; none when there are enough of them to list again. */
function unlisted(all: readonly Required<NamedScope>[], listed: WantedNames | undefined): NamedScope[] {
  if (listed === undefined) return [];
  const missing = all.filter(({ namespace, name }) => listed.get(namespace)?.has(name) !== true);
  return missing.length > NAMESPACE_AT ? [] : missing;
}
