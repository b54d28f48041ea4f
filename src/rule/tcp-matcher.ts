// The matchers of TCP rules, over what is known of a connection before anything is answered.

import { createCidrSet, parseCidr } from "../net/cidr.ts";
import { hostMatches, parseHostPattern } from "./host-pattern.ts";
import { type Compiled, compileTree, failed, type MatcherTable } from "./predicate.ts";
import { compileRegexp } from "./regexp.ts";
import type { RuleNode } from "./tree.ts";

/** A connection as TCP rules see it. */
export interface TcpSubject {
  /** From the ClientHello, in lower case, without trailing dot; undefined without TLS or without SNI. */
  readonly serverName?: string | undefined;
  /** Textual IP of the peer. */
  readonly remoteIp: string;
  /** Protocols the client offers, in its order; empty without TLS. */
  readonly alpn: readonly string[];
}

/** Compiles a tree of TCP matchers. */
export function compileTcpRule(tree: RuleNode): Compiled<TcpSubject> {
  return compileTree(tree, tcpMatchers);
}

/** True when a rule can hold only for TLS connections of certain names, so that it makes no sense without TLS. */
export function needsServerName(tree: RuleNode): boolean {
  if (tree.type === "matcher") {
    return tree.name === "HostSNIRegexp" || (tree.name === "HostSNI" && tree.args[0] !== "*");
  }
  return tree.type === "not" ? needsServerName(tree.node) : tree.nodes.some(needsServerName);
}

const ACME_PROTOCOL = "acme-tls/1"; // RFC 8737: answered by weir itself, never routed

const tcpMatchers: MatcherTable<TcpSubject> = {
  HostSNI: ([arg = ""]) => hostSni(arg),
  HostSNIRegexp: ([pattern = ""]) => hostSniRegexp(pattern),
  ClientIP: ([arg = ""]) => clientIp(arg),
  ALPN: ([arg = ""]) => alpn(arg),
};

function hostSni(arg: string): Compiled<TcpSubject> {
  const pattern = parseHostPattern(arg);
  if ("error" in pattern) return pattern;
  if (pattern.type === "any") return { match: () => true };
  return { match: ({ serverName }) => serverName !== undefined && hostMatches(pattern, serverName) };
}

function hostSniRegexp(pattern: string): Compiled<TcpSubject> {
  const compiled = compileRegexp(pattern, { input: "ascii" });
  if (compiled.error !== undefined) return compiled;
  const { match } = compiled;
  return { match: ({ serverName }) => match(serverName ?? "") };
}

function clientIp(arg: string): Compiled<TcpSubject> {
  const range = parseCidr(arg);
  if (range === undefined) {
    return failed(`${JSON.stringify(arg)} is not an IP address or a range`, "wanted 10.0.0.0/8 or fd00::1");
  }
  const ranges = createCidrSet([range]);
  return { match: ({ remoteIp }) => ranges.contains(remoteIp) };
}

function alpn(arg: string): Compiled<TcpSubject> {
  if (arg === ACME_PROTOCOL) return failed(`${ACME_PROTOCOL} can't be routed: it is how certificates are obtained`);
  return { match: (subject) => subject.alpn.includes(arg) };
}
