// Rule text of both syntaxes: what is accepted, what is refused, and the hints.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatRule } from "../../../src/rule/format.ts";
import { parseRule } from "../../../src/rule/parse.ts";
import type { RuleSyntax } from "../../../src/rule/tree.ts";
import type { RuleProtocol } from "../../../src/rule/vocabulary.ts";

function read(rule: string, syntax: RuleSyntax = "v3", protocol: RuleProtocol = "http"): string {
  const result = parseRule(rule, { syntax, protocol });
  return "tree" in result ? formatRule(result.tree) : `${result.error.offset}: ${result.error.message}`;
}

const accepted: readonly (readonly [why: string, rule: string, canonical: string])[] = [
  ["a call", "Host(`a`)", "Host(`a`)"],
  ["a quoted string", 'Host("a")', "Host(`a`)"],
  ["&& before ||", "Host(`a`) || Host(`b`) && Path(`/`)", "Host(`a`) || Host(`b`) && Path(`/`)"],
  ["parentheses", "(Host(`a`) || Host(`b`)) && Path(`/`)", "(Host(`a`) || Host(`b`)) && Path(`/`)"],
  ["! before &&", "!Host(`a`) && !(Host(`b`) || Host(`c`))", "!Host(`a`) && !(Host(`b`) || Host(`c`))"],
  ["double negation", "!!Host(`a`)", "!!Host(`a`)"],
  ["no spaces", "Host(`a`)&&Path(`/`)||Path(`/b`)", "Host(`a`) && Path(`/`) || Path(`/b`)"],
  ["a line end after an operator", "Host(`a`) &&\n\t Path(`/`)", "Host(`a`) && Path(`/`)"],
  ["line ends around", "\n Host(`a`)\n\n", "Host(`a`)"],
  ["a line end after a comma", "Header(`a`,\n`b`)", "Header(`a`, `b`)"],
  ["comments", "/* one */ Host(`a`) && // two\n Path(`/`) // three", "Host(`a`) && Path(`/`)"],
  ["a comma after the last argument", "Host(`a`,)", "Host(`a`)"],
  ["lower case", "pathprefix(`/`)", "PathPrefix(`/`)"],
  ["upper case", "PATHPREFIX(`/`)", "PathPrefix(`/`)"],
  ["title case", "Pathprefix(`/`)", "PathPrefix(`/`)"],
  ["escapes", String.raw`Host("\x41\102\u0043\U00000044\"\\")`, 'Host(`ABCD"\\`)'],
  ["the bytes of a character one by one", String.raw`Path("/\xc3\xa9")`, "Path(`/é`)"],
  ["control escapes", String.raw`Path("/\t\a")`, String.raw`Path("/\x09\x07")`],
  ["backslashes in backticks", "PathRegexp(`^/\\d+$`)", "PathRegexp(`^/\\d+$`)"],
  ["carriage returns in backticks, dropped", "Path(`/a\r\nb`)", String.raw`Path("/a\x0ab")`],
  ["a backtick in quotes", 'Path("/`")', 'Path("/`")'],
  ["one argument of two", "Query(`a`) && QueryRegexp(`b`)", "Query(`a`) && QueryRegexp(`b`)"],
];

for (const [why, rule, canonical] of accepted) {
  test(`parseRule() accepts ${why}`, () => assert.equal(read(rule), canonical));
}

const refused: readonly (readonly [why: string, rule: string, error: string])[] = [
  ["nothing", "", "0: the rule ends where a matcher, ! or ( was wanted"],
  [
    "a line end before an operator",
    "Host(`a`)\n&& Path(`/`)",
    "9: the line ends where &&, || or the end of the rule was wanted",
  ],
  ["a line end before )", "(Host(`a`)\n)", "10: the line ends where &&, || or ) was wanted"],
  ["an unclosed backtick", "Host(`a)", "5: the string that begins here has no closing backtick"],
  ["an unclosed quote", 'Host("a)', "5: the string that begins here has no closing double quote"],
  ["a line end in quotes", 'Host("a\n")', "5: the string that begins here has no closing double quote"],
  ["an unclosed comment", "Host(`a`) /* x", "10: the comment that begins here is not closed"],
  ["an unclosed parenthesis", "(Host(`a`)", "10: the rule ends where &&, || or ) was wanted"],
  ["a parenthesis too many", "Host(`a`))", "9: found ) where &&, || or the end of the rule was wanted"],
  ["single quotes", "Host('a')", "5: found 'a' where a string in backticks or \"…\" was wanted"],
  ["a bare word", "Host(a)", '5: found a where a string in backticks or "…" was wanted'],
  ["a number", "Host(12)", '5: found 12 where a string in backticks or "…" was wanted'],
  ["joined strings", 'Host("a"+"b")', "8: found + where , or ) was wanted"],
  ["no arguments", "Host()", "0: Host has 0 arguments; wanted 1"],
  ["no parentheses", "Host", "4: the rule ends where ( after Host was wanted"],
  ["an empty argument", "Host(``)", "5: an argument is empty"],
  ["words for operators", "Host(`a`) and Path(`/`)", "10: found and where &&, || or the end of the rule was wanted"],
  ["a single &", "Host(`a`) & Path(`/`)", "10: found & where &&, || or the end of the rule was wanted"],
  ["other operators of Go", "Host(`a`) == Path(`/`)", "10: found == where &&, || or the end of the rule was wanted"],
  ["a semicolon", "Host(`a`);", "9: found ; where &&, || or the end of the rule was wanted"],
  ["an operator at the end", "Host(`a`) &&", "12: the rule ends where a matcher, ! or ( was wanted"],
  ["an unknown matcher", "Hots(`a`)", "0: unknown matcher Hots"],
  ["a fifth spelling", "pathPrefix(`/`)", "0: unknown matcher pathPrefix"],
  ["two hosts in v3", "Host(`a`, `b`)", "0: Host has 2 arguments; wanted 1"],
  ["three query arguments", "Query(`a`, `b`, `c`)", "0: Query has 3 arguments; wanted 1 to 2"],
  ["a matcher of v2", "Headers(`a`, `b`)", "0: unknown matcher Headers"],
  ["a matcher of TCP", "HostSNI(`a`)", "0: unknown matcher HostSNI"],
  ["an unknown escape", String.raw`Host("\d")`, "6: unknown escape \\d in a string"],
  ["bytes that are not UTF-8", String.raw`Host("\xff")`, "5: the escapes of this string do not give UTF-8 text"],
  ["half of a surrogate pair", String.raw`Host("\ud800")`, "6: \\ud800 is not a Unicode character"],
  ["an object's member", "constructor(`a`)", "0: unknown matcher constructor"],
];

for (const [why, rule, error] of refused) {
  test(`parseRule() refuses ${why}`, () => assert.equal(read(rule), error));
}

const hints: readonly (readonly [rule: string, hint: RegExp])[] = [
  ["Hots(`a`)", /did you mean Host\?/],
  ["PathPrefx(`/`)", /did you mean PathPrefix\?/],
  ["pathPrefix(`/`)", /did you mean PathPrefix\?/],
  ["Headers(`a`, `b`)", /Headers belongs to rule syntax v2; in v3 there is Header$/],
  ["HostSNI(`a`)", /HostSNI is for TCP routers/],
  ["Host(`a`, `b`)", /write Host\(`a`\) \|\| Host\(`b`\), or set ruleSyntax \(in an IngressRoute: syntax\) to v2/],
  ["Host('a')", /backticks/],
  ["Host(`a`) and Path(`/`)", /the operator is &&/],
  ["Host(`a`)\n&& Path(`/`)", /at the end of the line/],
  [String.raw`PathRegexp("^\d")`, /backticks/],
];

for (const [rule, hint] of hints) {
  test(`parseRule() has a hint for ${JSON.stringify(rule)}`, () => {
    const result = parseRule(rule, { syntax: "v3", protocol: "http" });
    assert.match("error" in result ? result.error.hint ?? "" : "", hint);
  });
}

const secondVersion: readonly (readonly [rule: string, canonical: string])[] = [
  ["Host(`a`, `b`) && Path(`/`)", "(Host(`a`) || Host(`b`)) && Path(`/`)"],
  ["HostHeader(`a`)", "Host(`a`)"],
  ["Host(`{sub:[a-z]+}.x.y`)", "HostRegexp(`^(?:[a-z]+)\\.x\\.y$`)"],
  ["HostRegexp(`{sub:[a-z]{2,3}}.x`, `b`)", "HostRegexp(`^(?:[a-z]{2,3})\\.x$`) || HostRegexp(`^b$`)"],
  ["HostRegexp(`{sub:[A-Z]+}.x`)", "HostRegexp(`(?i)^(?:[A-Z]+)\\.x$`)"],
  ["HostRegexp(`{any}.x`)", "HostRegexp(`^(?:[^.]+)\\.x$`)"],
  ["Path(`/u/{id:[0-9]+}`)", "PathRegexp(`^/u/(?:[0-9]+)$`)"],
  ["PathPrefix(`/u/{id}/`)", "PathRegexp(`^/u/(?:[^/]+)/`)"],
  ["PathPrefix(`/a`, `/b`)", "PathPrefix(`/a`) || PathPrefix(`/b`)"],
  ["Method(`GET`, `HEAD`)", "Method(`GET`) || Method(`HEAD`)"],
  ["Headers(`A`, `b`)", "Header(`A`, `b`)"],
  ["HeadersRegexp(`A`, `b.*`)", "HeaderRegexp(`A`, `b.*`)"],
  ["Query(`a=b`, `c=`)", "Query(`a`, `b`) && QueryRegexp(`c`, `^`)"],
  ["Query(`a={n:[0-9]+}`)", "QueryRegexp(`a`, `^(?:[0-9]+)$`)"],
  ["ClientIP(`10.0.0.0/8`, `::1`)", "ClientIP(`10.0.0.0/8`) || ClientIP(`::1`)"],
  ["Path(`/{id`)", '5: Path: "{" is not closed in "/{id"'],
  ["Path(`/id}`)", '5: Path: "}" without "{" in "/id}"'],
  ["Path(`/{:x}`)", '5: Path: {:x} in "/{:x}" lacks a name or an expression; wanted {name:expression}'],
  ["Path(`{id}`)", '5: Path: path "{id}" does not begin with "/"'],
  ["Headers(`a`, `b`, `c`)", "8: Headers: a header name without a value; wanted pairs of name and value"],
  ["Query(`a`)", '6: Query: "a" is not a query parameter; wanted "key=value"'],
  ["Header(`a`, `b`)", "0: unknown matcher Header"],
];

for (const [rule, canonical] of secondVersion) {
  test(`parseRule() reads v2 ${rule}`, () => assert.equal(read(rule, "v2"), canonical));
}

test("parseRule() binds && tighter than ||, and keeps chains flat", () => {
  const leaf = (name: string) => ({ type: "matcher", name: "Host", args: [name] });
  const result = parseRule("Host(`a`) || Host(`b`) && Host(`c`) && Host(`d`)", { syntax: "v3", protocol: "http" });
  assert.deepEqual("tree" in result && result.tree, {
    type: "or",
    nodes: [leaf("a"), { type: "and", nodes: [leaf("b"), leaf("c"), leaf("d")] }],
  });
});

test("parseRule() reads TCP rules", () => {
  assert.equal(read("HostSNI(`*`)", "v3", "tcp"), "HostSNI(`*`)");
  assert.equal(read("HostSNI(`a`, `b`) && ALPN(`h2`)", "v2", "tcp"), "(HostSNI(`a`) || HostSNI(`b`)) && ALPN(`h2`)");
  assert.equal(read("HostSNIRegexp(`{x:[a-z]+}.y`)", "v2", "tcp"), "HostSNIRegexp(`^(?:[a-z]+)\\.y$`)");
  assert.equal(read("Host(`a`)", "v3", "tcp"), "0: unknown matcher Host");
});

test("parseRule() warns of v2 templates in v3 rules", () => {
  const result = parseRule("Host(`a`) && HostRegexp(`{sub:[a-z]+}.x`)", { syntax: "v3", protocol: "http" });
  const warnings = "tree" in result ? result.warnings : [];
  assert.deepEqual(warnings.map(({ offset }) => offset), [24]);
  const quantifier = parseRule("HostRegexp(`^a{2,3}$`)", { syntax: "v3", protocol: "http" });
  assert.deepEqual("tree" in quantifier && quantifier.warnings, []);
});

test("parseRule() bounds depth and length", () => {
  assert.equal(read("(".repeat(1 << 17)), "100: nested deeper than 100 levels");
  assert.equal(read("!".repeat(1 << 17)), "100: nested deeper than 100 levels");
  assert.equal(read("(".repeat(1 << 20)), "262144: the rule is 1048576 characters long; the limit is 262144");
  const deep = `${"(".repeat(100)}Host(\`a\`)${")".repeat(100)}`;
  assert.equal(read(deep), "Host(`a`)");
  const long = Array.from({ length: 10_000 }, (_, index) => `Host(\`${index}\`)`).join(" || ");
  assert.equal(read(long), long);
});
