// What each HTTP matcher means.

import assert from "node:assert/strict";
import { test } from "node:test";
import { compileHttpRule } from "../../../src/rule/http-matcher.ts";
import { makeRequest, type RequestWish, treeOf } from "./make-request.ts";

type Case = readonly [rule: string, wish: RequestWish, expected: boolean];

const cases: readonly Case[] = [
  ["Host(`a.example`)", { authority: "a.example" }, true],
  ["Host(`A.Example`)", { authority: "a.EXAMPLE:8080" }, true],
  ["Host(`a.example.`)", { authority: "a.example" }, true],
  ["Host(`a.example`)", { authority: "a.example." }, true],
  ["Host(`a.example`)", { authority: "b.a.example" }, false],
  ["Host(`*.example`)", { authority: "a.example" }, true],
  ["Host(`*.EXAMPLE`)", { authority: "a.example" }, true],
  ["Host(`*.example`)", { authority: "b.a.example" }, false],
  ["Host(`*.example`)", { authority: "example" }, false],
  ["Host(`*.example`)", { authority: ".example" }, false],
  ["Host(`*`)", { authority: "whatever" }, true],
  ["Host(`*`)", { authority: "" }, false],
  ["Host(`[::1]`)", { authority: "[::1]:80" }, true],
  ["Host(`::1`)", { authority: "[::1]" }, true],
  ["HostRegexp(`^[a-z]+\\.example$`)", { authority: "ABC.example:80" }, true],
  ["HostRegexp(`^[a-z]+\\.example$`)", { authority: "1.example" }, false],
  ["HostRegexp(`exam`)", { authority: "a.example" }, true],
  ["Path(`/a`)", { path: "/a" }, true],
  ["Path(`/a`)", { path: "/a/" }, false],
  ["Path(`/a`)", { path: "/A" }, false],
  ["Path(`/café`)", { path: "/caf%C3%A9" }, true],
  ["Path(`/a b`)", { path: "/a%20b" }, true],
  ["Path(`/a%2fb`)", { path: "/a%2Fb" }, true],
  ["Path(`/a/b`)", { path: "/a%2Fb" }, false],
  ["Path(`/%61`)", { path: "/a" }, true],
  ["PathPrefix(`/foo`)", { path: "/foobar" }, true],
  ["PathPrefix(`/foo`)", { path: "/fo" }, false],
  ["PathPrefix(`/`)", { path: "/x" }, true],
  ["PathPrefix(`/`)", { path: "*" }, false],
  ["PathRegexp(`^/v[0-9]+/`)", { path: "/v12/x" }, true],
  ["PathRegexp(`\\.php$`)", { path: "/a.php" }, true],
  ["PathRegexp(`\\.php$`)", { path: "/aphp" }, false],
  ["Method(`get`)", { method: "GET" }, true],
  ["Method(`GET`)", { method: "POST" }, false],
  ["Header(`X-A`, `1`)", { headers: [["x-a", "1"]] }, true],
  ["Header(`x-a`, `2`)", { headers: [["X-A", "1"], ["X-A", "2"]] }, true],
  ["Header(`X-A`, `1`)", { headers: [["X-A", "1, 2"]] }, false],
  ["Header(`X-A`, `a`)", { headers: [["X-A", "A"]] }, false],
  ["Header(`X-A`, `é`)", { headers: [["X-A", "\xc3\xa9"]] }, true],
  ["HeaderRegexp(`X-A`, `^.$`)", { headers: [["X-A", "\xc3\xa9"]] }, true],
  ["HeaderRegexp(`X-A`, `b+`)", { headers: [["X-A", "a"], ["x-a", "abba"]] }, true],
  ["HeaderRegexp(`X-A`, `.*`)", { headers: [["X-B", ""]] }, false],
  ["Query(`a`, `b`)", { search: "?a=b" }, true],
  ["Query(`a`, `b`)", { search: "?x=y&a=c&a=b" }, true],
  ["Query(`a`, `b`)", { search: "?A=b" }, false],
  ["Query(`a`, `b`)", { search: "" }, false],
  ["Query(`a`)", { search: "?a" }, true],
  ["Query(`a`)", { search: "?a=" }, true],
  ["Query(`a`)", { search: "?a=b" }, false],
  ["Query(`a b`, `c&d`)", { search: "?a+b=c%26d" }, true],
  ["Query(`é`, `ü`)", { search: "?%C3%A9=%c3%bc" }, true],
  ["Query(`a`, `b`)", { search: "?a=b;c=d" }, true],
  ["Query(`a`, `b=c`)", { search: "?a=b=c" }, true],
  ["Query(`a`, `b`)", { search: "?a=%zz&a=b" }, true],
  ["Query(`a`, `%zz`)", { search: "?a=%zz" }, false],
  ["QueryRegexp(`a`, `^[0-9]+$`)", { search: "?a=x&a=12" }, true],
  ["QueryRegexp(`a`, `^[0-9]+$`)", { search: "?a=1x" }, false],
  ["QueryRegexp(`a`)", { search: "?a" }, true],
  ["QueryRegexp(`a`)", { search: "?a=1" }, false],
  ["QueryRegexp(`a`, `^.$`)", { search: "?a=%C3%A9" }, true],
  ["ClientIP(`192.0.2.0/24`)", { ip: "192.0.2.9" }, true],
  ["ClientIP(`192.0.2.1`)", { ip: "192.0.2.2" }, false],
  ["ClientIP(`::ffff:192.0.2.0/120`)", { ip: "192.0.2.9" }, true],
  ["ClientIP(`2001:db8::/32`)", { ip: "2001:db8::1" }, true],
  ["ClientIP(`2001:db8::/32`)", { ip: "192.0.2.1" }, false],
  ["Host(`a.example`) && !Path(`/x`)", { path: "/y" }, true],
  ["Host(`a.example`) && !Path(`/x`)", { path: "/x" }, false],
  ["Path(`/a`) || Path(`/b`) || Path(`/c`)", { path: "/c" }, true],
  ["Path(`/a`) || Path(`/b`) || Path(`/c`)", { path: "/d" }, false],
  ["Path(`/a`) && Method(`GET`) && Host(`a.example`)", { path: "/a" }, true],
  ["Path(`/a`) && Method(`PUT`) && Host(`a.example`)", { path: "/a" }, false],
];

for (const [rule, wish, expected] of cases) {
  test(`compileHttpRule() ${rule} ${expected ? "matches" : "does not match"} ${JSON.stringify(wish)}`, () => {
    const compiled = compileHttpRule(treeOf(rule));
    assert.ok(compiled.error === undefined, compiled.error?.message);
    assert.equal(compiled.match(makeRequest(wish)), expected);
  });
}

const secondVersion: readonly Case[] = [
  ["Host(`a.example`, `b.example`)", { authority: "b.example" }, true],
  ["HostRegexp(`{sub:[a-z]+}.example`)", { authority: "ABC.example:80" }, true],
  ["HostRegexp(`{sub:[a-z]+}.example`)", { authority: "a.b.example" }, false],
  ["HostRegexp(`a.example`)", { authority: "axexample" }, false],
  ["Path(`/u/{id:[0-9]+}`)", { path: "/u/12" }, true],
  ["Path(`/u/{id:[0-9]+}`)", { path: "/u/12/x" }, false],
  ["PathPrefix(`/u/{id:[0-9]+}`)", { path: "/u/12/x" }, true],
  ["Query(`a=b`, `c=`)", { search: "?c=anything&a=b" }, true],
  ["Query(`a=b`, `c=`)", { search: "?a=b" }, false],
  ["Headers(`A`, `b`)", { headers: [["a", "b"]] }, true],
];

for (const [rule, wish, expected] of secondVersion) {
  test(`compileHttpRule() v2 ${rule} ${expected ? "matches" : "does not match"} ${JSON.stringify(wish)}`, () => {
    const compiled = compileHttpRule(treeOf(rule, "v2"));
    assert.ok(compiled.error === undefined, compiled.error?.message);
    assert.equal(compiled.match(makeRequest(wish)), expected);
  });
}

const refused: readonly (readonly [rule: string, error: RegExp])[] = [
  ["Host(`é.example`)", /Host: "é.example" is not a host name/],
  ["Host(`a.example:80`)", /has a port/],
  ["Host(`[::1]:80`)", /has a port/],
  ["Host(`.`)", /not a host name/],
  ["Host(`a.*`)", /has a \* in the middle/],
  ["Host(`*.*.example`)", /has a \* in the middle/],
  ["Path(`a`)", /does not begin with "\/"/],
  ["PathPrefix(`a`)", /does not begin with "\/"/],
  ["Path(`/%zz`)", /no percent-encoding/],
  ["PathRegexp(`(`)", /not a regular expression of Go/],
  ["PathRegexp(`(?=a)`)", /not a regular expression of Go/],
  ["HeaderRegexp(`a`, `x{1001}`)", /not a regular expression of Go/],
  ["Header(`a b`, `c`)", /not a header name/],
  ["ClientIP(`10.0.0.0/33`)", /not an IP address or a range/],
];

for (const [rule, error] of refused) {
  test(`compileHttpRule() refuses ${rule}`, () => {
    assert.match(compileHttpRule(treeOf(rule)).error?.message ?? "", error);
  });
}

test("compileHttpRule() refuses trees no parser makes", () => {
  assert.match(compileHttpRule({ type: "or", nodes: [] }).error?.message ?? "", /"or" without parts/);
  assert.match(
    compileHttpRule({ type: "matcher", name: "toString", args: [] }).error?.message ?? "",
    /unknown matcher/,
  );
  assert.match(compileHttpRule({ type: "matcher", name: "Host", args: [] }).error?.message ?? "", /one argument/);
});
