// From a tree to one function: the operators, for matchers of any protocol.

import type { RuleNode } from "./tree.ts";

/** Tells whether a request, or a connection, is meant. */
export type Predicate<Subject> = (subject: Subject) => boolean;

/** Why a matcher can't be compiled. */
export interface CompileError {
  /** One line: the matcher, the value, what was wanted. */
  readonly message: string;
  readonly hint?: string;
}

/** A compiled matcher, or why there is none. */
export type Compiled<Subject> =
  | { readonly match: Predicate<Subject>; readonly error?: undefined }
  | { readonly error: CompileError };

/** Makes the predicate of one matcher from its arguments. */
export type MatcherCompiler<Subject> = (args: readonly string[]) => Compiled<Subject>;

/** The matchers of a protocol by name. */
export type MatcherTable<Subject> = Readonly<Record<string, MatcherCompiler<Subject>>>;

const MAX_DEPTH = 250; // deeper than any parsed tree; bounds the recursion for trees made by programs

/** Compiles a whole tree. */
export function compileTree<Subject>(tree: RuleNode, table: MatcherTable<Subject>, depth = 0): Compiled<Subject> {
  if (depth > MAX_DEPTH) return failed(`the rule is nested deeper than ${MAX_DEPTH} levels`);
  if (tree.type === "matcher") return compileMatcher(tree.name, tree.args, table);
  if (tree.type === "not") {
    const inner = compileTree(tree.node, table, depth + 1);
    return inner.error === undefined ? { match: negate(inner.match) } : inner;
  }
  if (tree.nodes.length === 0) return failed(`"${tree.type}" without parts`);
  const predicates: Predicate<Subject>[] = [];
  for (const node of tree.nodes) {
    const part = compileTree(node, table, depth + 1);
    if (part.error !== undefined) return part;
    predicates.push(part.match);
  }
  return { match: tree.type === "and" ? allOf(predicates) : anyOf(predicates) };
}

/** The failure value of compilers. */
export function failed(message: string, hint?: string): { readonly error: CompileError } {
  return { error: hint === undefined ? { message } : { message, hint } };
}

function compileMatcher<Subject>(
  name: string,
  args: readonly string[],
  table: MatcherTable<Subject>,
): Compiled<Subject> {
  const compile = Object.hasOwn(table, name) ? table[name] : undefined;
  if (compile === undefined) return failed(`unknown matcher ${name}`, `there are ${Object.keys(table).join(", ")}`);
  const compiled = compile(args);
  if (compiled.error === undefined) return compiled;
  return failed(`${name}: ${compiled.error.message}`, compiled.error.hint);
}

function negate<Subject>(inner: Predicate<Subject>): Predicate<Subject> {
  return (subject) => !inner(subject);
}

/** Two parts are what most rules have; the loop serves the rest. */
function allOf<Subject>(predicates: readonly Predicate<Subject>[]): Predicate<Subject> {
  const [first, second] = predicates;
  if (first !== undefined && predicates.length === 1) return first;
  if (first !== undefined && second !== undefined && predicates.length === 2) {
    return (subject) => first(subject) && second(subject);
  }
  return (subject) => {
    for (const predicate of predicates) if (!predicate(subject)) return false;
    return true;
  };
}

function anyOf<Subject>(predicates: readonly Predicate<Subject>[]): Predicate<Subject> {
  const [first, second] = predicates;
  if (first !== undefined && predicates.length === 1) return first;
  if (first !== undefined && second !== undefined && predicates.length === 2) {
    return (subject) => first(subject) || second(subject);
  }
  return (subject) => {
    for (const predicate of predicates) if (predicate(subject)) return true;
    return false;
  };
}
