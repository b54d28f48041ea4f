// Whether every request of one rule is also one of another: rules as alternatives of conditions, compared as sets.
//
//   Host(`a`) && (Path(`/x`) || PathPrefix(`/y`))   →   { Host a, Path /x }  or  { Host a, PathPrefix /y }
//
// What is not seen is not told: two regular expressions are the same only if their texts are.

import { formatRule } from "../rule/format.ts";
import type { RuleNode } from "../rule/tree.ts";

/** One condition of an alternative. */
interface Condition {
  readonly text: string;
  /** Of `Path` and `PathPrefix`. */
  readonly path?: { readonly value: string; readonly isPrefix: boolean };
}

/** Conditions that must all hold. */
export interface Alternative {
  /** Hosts are told apart before anything else; empty: any host. */
  readonly host: string;
  readonly conditions: readonly Condition[];
}

const MAX_ALTERNATIVES = 64; // a rule of more is not compared

/** The alternatives of a rule; undefined when there are too many. */
export function alternativesOf(rule: RuleNode): readonly Alternative[] | undefined {
  const lists = expand(rule);
  return lists?.map((conditions) => ({
    host: conditions.find(({ text }) => text.startsWith("Host("))?.text ?? "",
    conditions,
  }));
}

/** Whether `wide` takes everything that `narrow` takes. */
export function covers(wide: readonly Alternative[], narrow: readonly Alternative[]): boolean {
  return narrow.every((inner) => wide.some((outer) => isWithin(inner, outer)));
}

function isWithin(inner: Alternative, outer: Alternative): boolean {
  if (outer.host !== "" && outer.host !== inner.host) return false;
  return outer.conditions.every((condition) => inner.conditions.some((each) => implies(each, condition)));
}

function implies(one: Condition, other: Condition): boolean {
  if (one.text === other.text) return true;
  return one.path !== undefined && other.path?.isPrefix === true && one.path.value.startsWith(other.path.value);
}

function expand(node: RuleNode): readonly (readonly Condition[])[] | undefined {
  switch (node.type) {
    case "or": {
      const parts = node.nodes.map(expand);
      const all = parts.flatMap((part) => part ?? []);
      return parts.includes(undefined) || all.length > MAX_ALTERNATIVES ? undefined : all;
    }
    case "and":
      return node.nodes.map(expand).reduce(combine, [[]]);
    default:
      return [conditionsOf(node)];
  }
}

function combine(
  left: readonly (readonly Condition[])[] | undefined,
  right: readonly (readonly Condition[])[] | undefined,
): readonly (readonly Condition[])[] | undefined {
  if (left === undefined || right === undefined || left.length * right.length > MAX_ALTERNATIVES) return undefined;
  return left.flatMap((one) => right.map((other) => [...one, ...other]));
}

function conditionsOf(node: RuleNode): readonly Condition[] {
  if (node.type !== "matcher") return [{ text: formatRule(node) }];
  const [value = ""] = node.args;
  if (node.name === "PathPrefix" && value === "/") return []; // every path begins so
  const text = formatRule(node.name === "Host" ? { ...node, args: [value.toLowerCase()] } : node);
  if (node.name === "Path") return [{ text, path: { value, isPrefix: false } }];
  return [node.name === "PathPrefix" ? { text, path: { value, isPrefix: true } } : { text }];
}
