// Paths and hosts of Ingresses: the tables of the Ingress specification, and what comes first.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ingressRule, type PathMatch } from "../../../../../src/provider/kubernetes/ingress/rule.ts";
import type { PathType } from "../../../../../src/provider/kubernetes/ingress/schema-ingress.ts";
import { createRouter } from "../../../../../src/router/router.ts";
import { makeRequest } from "../../../rule/make-request.ts";

const plain: PathMatch = { type: "Prefix", matcher: "PathPrefix", segmentWise: true, templates: false };

type Place = readonly [type: PathType, path: string, match?: Partial<PathMatch>, host?: string];

/** The place that gets a request: its position in the list; `none` when no place does. */
function chosen(places: readonly Place[], path: string, host = "a.example"): number | "none" {
  const routes = places.map(([type, own, match = {}, ownHost = ""], order) => {
    const rule = ingressRule(ownHost, own, { ...plain, type, ...match });
    assert.ok("rule" in rule, `${own} makes no rule`);
    return { ...rule, order };
  });
  return createRouter(routes).find(makeRequest({ authority: host, path }))?.order ?? "none";
}

// https://kubernetes.io/docs/concepts/services-networking/ingress/#examples
const specification: readonly (readonly [places: readonly Place[], path: string, expected: number | "none"])[] = [
  [[["Prefix", "/"]], "/anything", 0],
  [[["Exact", "/foo"]], "/foo", 0],
  [[["Exact", "/foo"]], "/bar", "none"],
  [[["Exact", "/foo"]], "/foo/", "none"],
  [[["Exact", "/foo/"]], "/foo", "none"],
  [[["Prefix", "/foo"]], "/foo", 0],
  [[["Prefix", "/foo"]], "/foo/", 0],
  [[["Prefix", "/foo/"]], "/foo", 0],
  [[["Prefix", "/foo/"]], "/foo/", 0],
  [[["Prefix", "/aaa/bb"]], "/aaa/bbb", "none"],
  [[["Prefix", "/aaa/bbb"]], "/aaa/bbb", 0],
  [[["Prefix", "/aaa/bbb/"]], "/aaa/bbb", 0],
  [[["Prefix", "/aaa/bbb"]], "/aaa/bbb/", 0],
  [[["Prefix", "/aaa/bbb"]], "/aaa/bbb/ccc", 0],
  [[["Prefix", "/aaa/bbb"]], "/aaa/bbbxyz", "none"],
  [[["Prefix", "/"], ["Prefix", "/aaa"]], "/aaa/ccc", 1],
  [[["Prefix", "/"], ["Prefix", "/aaa"], ["Prefix", "/aaa/bbb"]], "/aaa/bbb", 2],
  [[["Prefix", "/"], ["Prefix", "/aaa"], ["Prefix", "/aaa/bbb"]], "/ccc", 0],
  [[["Prefix", "/aaa"]], "/ccc", "none"],
  [[["Prefix", "/foo"], ["Exact", "/foo"]], "/foo", 1],
];

for (const [places, path, expected] of specification) {
  const shown = places.map(([type, own]) => `${type} ${own}`).join(", ");
  test(`ingressRule() sends ${path} to ${expected} of ${shown}, as the Ingress specification says`, () => {
    assert.equal(chosen(places, path), expected);
  });
}

const beyond: typeof specification = [
  [[["Prefix", "/foo/"], ["Exact", "/foo"]], "/foo", 1], // written longer, yet the same path
  [[["Exact", "/foo"], ["Prefix", "/foo"]], "/foo/x", 1],
  [[["Prefix", "/foo", { segmentWise: false }]], "/foobar", 0], // strictPrefixMatching=false
  [[["ImplementationSpecific", "/foo"]], "/foobar", 0], // Traefik's PathPrefix
  [[["ImplementationSpecific", "/foo", { matcher: "Path" }]], "/foobar", "none"],
  [[["ImplementationSpecific", "^/v[0-9]+$", { matcher: "PathRegexp" }]], "/v12", 0],
  [[["ImplementationSpecific", "/u/{id:[0-9]+}", { templates: true }]], "/u/7/x", 0],
  [[["ImplementationSpecific", "/u/{id:[0-9]+}", { matcher: "Path", templates: true }]], "/u/7/x", "none"],
  [[["ImplementationSpecific", "/u/{id}"]], "/u/7", "none"], // braces are braces unless asked for
  [[["ImplementationSpecific", "/x", { matcher: "none" }]], "/y", 0], // Traefik 1's ReplacePath
  [[["ImplementationSpecific", ""]], "/y", 0],
  [[["Prefix", "//"]], "/y", 0],
  [[["Prefix", "/`) || PathPrefix(`/"]], "/y", "none"], // no rule can be injected (CVE-2026-32695)
];

for (const [places, path, expected] of beyond) {
  test(`ingressRule() sends ${path} to ${expected} of ${JSON.stringify(places)}`, () => {
    assert.equal(chosen(places, path), expected);
  });
}

const hosts: readonly (readonly [pattern: string, host: string, matches: boolean])[] = [
  ["*.foo.example", "bar.foo.example", true],
  ["*.foo.example", "baz.bar.foo.example", false],
  ["*.foo.example", "foo.example", false],
  ["foo.example", "FOO.example:8080", true],
  ["foo.example`) || Host(`b.example", "b.example", false],
  ["", "any.example", true],
];

for (const [pattern, host, matches] of hosts) {
  test(`ingressRule() for ${JSON.stringify(pattern)} ${matches ? "takes" : "leaves"} ${host}`, () => {
    assert.equal(chosen([["Prefix", "/", {}, pattern]], "/", host), matches ? 0 : "none");
  });
}

test("ingressRule() gives an Ingress and an IngressRoute of the same meaning the same priority", () => {
  const rule = ingressRule("a.example", "/foo", plain);
  assert.equal("priority" in rule && rule.priority, "Host(`a.example`) && PathPrefix(`/foo`)".length);
});

test("ingressRule() says what is wrong with a template", () => {
  const rule = ingressRule("", "/u/{id", { ...plain, type: "ImplementationSpecific", templates: true });
  assert.ok("message" in rule);
  assert.match(rule.message, /not closed/);
});
