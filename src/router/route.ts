// What a router chooses between.

import type { CompileError } from "../rule/predicate.ts";
import type { RuleNode } from "../rule/tree.ts";

/** A rule with its place in the order. Whatever else it carries is its owner's. */
export interface RouteEntry {
  readonly rule: RuleNode;
  /** Higher is asked first. */
  readonly priority: number;
  /** Decides between equal priorities; lower is asked first. */
  readonly order: number;
}

/** A route that can't be used. */
export interface RejectedRoute<R> {
  readonly route: R;
  readonly error: CompileError;
}

/** A route that did not match, and the part of its rule that failed. */
export interface NearMiss<R> {
  readonly route: R;
  /** As rule text: ``PathPrefix(`/api`)``. */
  readonly failed: string;
}
