// Requests and trees for the tests of rules and routers.

import assert from "node:assert/strict";
import { HeaderList } from "../../../src/http/header-list.ts";
import { ProxyRequest } from "../../../src/http/request.ts";
import { parseRule } from "../../../src/rule/parse.ts";
import type { RuleNode, RuleSyntax } from "../../../src/rule/tree.ts";

/** What a test cares about; the rest is filled in. */
export interface RequestWish {
  readonly method?: string;
  readonly authority?: string;
  readonly path?: string;
  readonly search?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly ip?: string;
}

/** Makes a request. */
export function makeRequest(wish: RequestWish = {}): ProxyRequest {
  const path = wish.path ?? "/";
  const search = wish.search ?? "";
  return new ProxyRequest({
    method: wish.method ?? "GET",
    scheme: "http",
    authority: wish.authority ?? "a.example",
    rawTarget: path + search,
    path,
    search,
    protocol: "HTTP/1.1",
    headers: HeaderList.of(...(wish.headers ?? [])),
    body: undefined,
    remote: { ip: wish.ip ?? "192.0.2.1", port: 1234 },
    local: { ip: "192.0.2.2", port: 80 },
    entryPoint: "web",
    tls: undefined,
    startedAt: 0,
  });
}

/** Parses an HTTP rule that must be right. */
export function treeOf(rule: string, syntax: RuleSyntax = "v3"): RuleNode {
  const result = parseRule(rule, { syntax, protocol: "http" });
  assert.ok("tree" in result, `${rule}: ${"error" in result ? result.error.message : ""}`);
  return result.tree;
}
