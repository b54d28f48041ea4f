// What a rule says of a host alone: it holds, it does not, or it depends on the rest of the request.

import { hostMatches, parseHostPattern } from "../rule/host-pattern.ts";
import { compileRegexp } from "../rule/regexp.ts";
import type { RuleNode } from "../rule/tree.ts";

/** undefined: it depends on the rest. @param host lower case, without port and trailing dot; empty: none is known */
export type HostTest = (host: string) => boolean | undefined;

const DEPENDS: HostTest = () => undefined;

/** Compiles a rule to what its host matchers decide. Matchers that can't be compiled decide nothing. */
export function compileHostTest(node: RuleNode): HostTest {
  if (node.type === "matcher") return compileMatcher(node.name, node.args[0] ?? "");
  if (node.type === "not") {
    const inner = compileHostTest(node.node);
    return (host) => {
      const verdict = inner(host);
      return verdict === undefined ? undefined : !verdict;
    };
  }
  const tests = node.nodes.map(compileHostTest);
  const decisive = node.type === "or"; // a part of this value decides the whole
  return (host) => {
    let verdict: boolean | undefined = !decisive;
    for (const test of tests) {
      const part = test(host);
      if (part === decisive) return decisive;
      if (part === undefined) verdict = undefined;
    }
    return verdict;
  };
}

function compileMatcher(name: string, argument: string): HostTest {
  if (name === "Host") {
    const pattern = parseHostPattern(argument);
    return "error" in pattern ? DEPENDS : (host) => hostMatches(pattern, host);
  }
  if (name !== "HostRegexp") return DEPENDS;
  const compiled = compileRegexp(argument, { input: "ascii" });
  return compiled.error === undefined ? compiled.match : DEPENDS;
}
