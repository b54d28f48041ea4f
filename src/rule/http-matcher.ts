// The matchers of HTTP rules, with Traefik's meaning, over the canonical request.

import { canonicalPath } from "../http/path.ts";
import type { ProxyRequest } from "../http/request.ts";
import { createCidrSet, parseCidr } from "../net/cidr.ts";
import { fromByteText, toByteText } from "./byte-text.ts";
import { hostMatches, parseHostPattern } from "./host-pattern.ts";
import {
  type Compiled,
  compileTree,
  failed,
  type MatcherCompiler,
  type MatcherTable,
  type Predicate,
} from "./predicate.ts";
import { queryHas } from "./query.ts";
import { compileRegexp } from "./regexp.ts";
import type { RuleNode } from "./tree.ts";

/** Compiles a tree of HTTP matchers; everything that can be worked out beforehand is. */
export function compileHttpRule(tree: RuleNode): Compiled<ProxyRequest> {
  return compileTree(tree, httpMatchers);
}

const httpMatchers: MatcherTable<ProxyRequest> = {
  Host: unary(host),
  HostRegexp: unary((pattern) => onText(compileRegexp(pattern, { input: "ascii" }), (request) => request.host)),
  Path: unary((arg) => withPath(arg, (path) => (request) => request.path === path)),
  PathPrefix: unary((arg) => withPath(arg, prefix)),
  PathRegexp: unary((pattern) => onText(compileRegexp(pattern, { input: "ascii" }), (request) => request.path)),
  Method: unary(method),
  Header: ([name = "", value = ""]) => header(name, value),
  HeaderRegexp: ([name = "", pattern = ""]) => headerRegexp(name, pattern),
  Query: ([key = "", value = ""]) => query(key, value),
  QueryRegexp: ([key = "", pattern]) => pattern === undefined ? query(key, "") : queryRegexp(key, pattern),
  ClientIP: unary(clientIp),
};

function unary(compile: (arg: string) => Compiled<ProxyRequest>): MatcherCompiler<ProxyRequest> {
  return ([arg, ...more]) => {
    if (arg === undefined || more.length > 0) return failed("wanted one argument");
    return compile(arg);
  };
}

function onText(compiled: Compiled<string>, textOf: (request: ProxyRequest) => string): Compiled<ProxyRequest> {
  if (compiled.error !== undefined) return compiled;
  const { match } = compiled;
  return { match: (request) => match(textOf(request)) };
}

/** A request without a host (HTTP/1.0) matches no `Host`, not even `*`. */
function host(arg: string): Compiled<ProxyRequest> {
  const pattern = parseHostPattern(arg);
  if ("error" in pattern) return pattern;
  if (pattern.type !== "exact") return { match: (request) => hostMatches(pattern, request.host) };
  const { host: wanted } = pattern;
  return { match: (request) => request.host === wanted };
}

/** Rules may spell a path as people do (`/café`); requests have it in canonical form, so the rule's is made so too. */
function withPath(arg: string, make: (path: string) => Predicate<ProxyRequest>): Compiled<ProxyRequest> {
  if (!arg.startsWith("/")) return failed(`${JSON.stringify(arg)} does not begin with "/"`, `write /${arg}`);
  const encoded = arg.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent);
  const path = canonicalPath(encoded, false);
  if (path === undefined) {
    return failed(`${JSON.stringify(arg)} has a "%" that is no percent-encoding`, "a percent sign is %25");
  }
  return { match: make(path) };
}

function prefix(path: string): Predicate<ProxyRequest> {
  return path === "/" ? (request) => request.path.charCodeAt(0) === 47 : (request) => request.path.startsWith(path);
}

function method(arg: string): Compiled<ProxyRequest> {
  const wanted = arg.toUpperCase();
  return { match: (request) => request.method === wanted };
}

function header(name: string, value: string): Compiled<ProxyRequest> {
  const wanted = toByteText(value);
  return anyHeader(name, (sent) => sent === wanted);
}

function headerRegexp(name: string, pattern: string): Compiled<ProxyRequest> {
  const compiled = compileRegexp(pattern, { input: "line" });
  if (compiled.error !== undefined) return compiled;
  return anyHeader(name, (sent) => compiled.match(fromByteText(sent)));
}

function anyHeader(name: string, test: Predicate<string>): Compiled<ProxyRequest> {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return failed(`${JSON.stringify(name)} is not a header name`);
  const key = name.toLowerCase();
  return {
    match({ headers }) {
      const { size } = headers;
      for (let index = 0; index < size; index++) {
        if (headers.keyAt(index) === key && test(headers.valueAt(index))) return true;
      }
      return false;
    },
  };
}

function query(key: string, value: string): Compiled<ProxyRequest> {
  const wanted = toByteText(value);
  return anyQuery(key, (sent) => sent === wanted);
}

function queryRegexp(key: string, pattern: string): Compiled<ProxyRequest> {
  const compiled = compileRegexp(pattern);
  if (compiled.error !== undefined) return compiled;
  return anyQuery(key, (sent) => compiled.match(fromByteText(sent)));
}

function anyQuery(key: string, test: Predicate<string>): Compiled<ProxyRequest> {
  const wanted = toByteText(key);
  return { match: (request) => request.search.length > 1 && queryHas(request.search, wanted, test) };
}

function clientIp(arg: string): Compiled<ProxyRequest> {
  const range = parseCidr(arg);
  if (range === undefined) {
    return failed(`${JSON.stringify(arg)} is not an IP address or a range`, "wanted 10.0.0.0/8 or fd00::1");
  }
  const ranges = createCidrSet([range]);
  return { match: (request) => ranges.contains(request.remote.ip) };
}
