// The four formats, and what quiet and strict make of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckReport } from "../../../src/check/check.ts";
import type { Finding } from "../../../src/check/finding.ts";
import { formatReport, isFailure, type ReportFormat, type ReportOptions } from "../../../src/check/report.ts";

const text = "http:\n  routers: {a,b: 100%}\n";

const bad: Finding = {
  severity: "error",
  code: "bad-rule",
  message: "100% wrong\nreally",
  hint: "write it anew",
  source: { type: "file", file: "a,b:c.yaml", line: 2, column: 12 },
  path: ["http", "routers", 0],
};

const odd: Finding = {
  severity: "warning",
  code: "duplicate-object",
  message: "twice",
  source: {
    type: "object",
    apiVersion: "v1",
    kind: "Service",
    namespace: "n",
    name: "s",
    position: { file: "d/s.yaml", line: 1 },
  },
  related: { position: { file: "d/t.yaml", line: 7, column: 3 }, message: "the other one" },
};

const report: CheckReport = { findings: [bad, odd], files: 2, documents: 3, objects: 1, skipped: 0 };

function write(format: ReportFormat, options: Partial<ReportOptions> = {}, of: CheckReport = report): string {
  const inputs = [{ file: "a,b:c.yaml", text, isNamed: true }];
  return formatReport(of, {
    format,
    isQuiet: false,
    isStrict: false,
    color: false,
    version: "1.2.3",
    inputs,
    ...options,
  });
}

test("formatReport() writes a block with the line and its mark, and counts", () => {
  assert.equal(
    write("text"),
    `error[bad-rule]: 100% wrong\\u000areally
 --> a,b:c.yaml:2:12 (http.routers[0])
  |
2 |   routers: {a,b: 100%}
  |            ^
  = help: write it anew

warning[duplicate-object]: twice
 --> d/s.yaml:1, Service n/s

1 error, 1 warning (2 files, 1 object)
`,
  );
});

test("formatReport() says when nothing is wrong", () => {
  assert.equal(write("text", {}, { ...report, findings: [] }), "nothing is wrong (2 files, 1 object)\n");
  assert.equal(write("text", { isQuiet: true }, { ...report, findings: [] }), "");
});

test("formatReport() colours only when asked", () => {
  assert.doesNotMatch(write("text"), /\u001b/);
  assert.match(write("text", { color: true }), /^\u001b\[1;31merror\[bad-rule\]\u001b\[0m: /);
});

test("formatReport() shows errors only when it is to be quiet, and warnings too when they count", () => {
  assert.deepEqual(write("github", { isQuiet: true }).trimEnd().split("\n").length, 1);
  assert.deepEqual(write("github", { isQuiet: true, isStrict: true }).trimEnd().split("\n").length, 2);
});

test("isFailure() lets warnings pass unless they count", () => {
  const warnings = { ...report, findings: [odd] };
  assert.deepEqual([isFailure(report, { isStrict: false }), isFailure(warnings, { isStrict: false })], [true, false]);
  assert.deepEqual([isFailure(warnings, { isStrict: true })], [true]);
});

test("formatReport() escapes commands of GitHub", () => {
  assert.equal(
    write("github"),
    "::error file=a%2Cb%3Ac.yaml,line=2,col=12,title=bad-rule::100%25 wrong%0Areally (write it anew)\n" +
      "::warning file=d/s.yaml,line=1,title=duplicate-object::twice\n",
  );
});

test("formatReport() writes JSON with places, paths and objects", () => {
  assert.deepEqual(JSON.parse(write("json")), {
    findings: [
      {
        severity: "error",
        code: "bad-rule",
        message: "100% wrong\nreally",
        hint: "write it anew",
        file: "a,b:c.yaml",
        line: 2,
        column: 12,
        path: "http.routers[0]",
      },
      {
        severity: "warning",
        code: "duplicate-object",
        message: "twice",
        file: "d/s.yaml",
        line: 1,
        object: { apiVersion: "v1", kind: "Service", namespace: "n", name: "s" },
        related: { file: "d/t.yaml", line: 7, column: 3, message: "the other one" },
      },
    ],
    summary: { errors: 1, warnings: 1, files: 2, documents: 3, objects: 1, skippedObjects: 0 },
  });
});

test("formatReport() writes SARIF that points at rules, lines and columns", () => {
  const log = JSON.parse(write("sarif"));
  assert.deepEqual([log.version, log.runs.length], ["2.1.0", 1]);
  const [{ tool: { driver }, results }] = log.runs;
  assert.deepEqual([driver.name, driver.version], ["weir", "1.2.3"]);
  assert.deepEqual(driver.rules.map(({ id }: { id: string }) => id), ["bad-rule", "duplicate-object"]);
  assert.deepEqual(results.map(({ ruleId, ruleIndex, level }: Record<string, unknown>) => [ruleId, ruleIndex, level]), [
    ["bad-rule", 0, "error"],
    ["duplicate-object", 1, "warning"],
  ]);
  assert.deepEqual(results[0].locations, [{
    physicalLocation: { artifactLocation: { uri: "a%2Cb%3Ac.yaml" }, region: { startLine: 2, startColumn: 12 } },
  }]);
  assert.equal(results[0].message.text, "100% wrong\nreally (write it anew)");
  assert.deepEqual(results[1].relatedLocations[0].physicalLocation.region, { startLine: 7, startColumn: 3 });
  assert.match(results[0].partialFingerprints.primaryLocationLineHash, /^[0-9a-f]{16}:1$/);
});

test("formatReport() keeps the fingerprint of a finding whose line moves", () => {
  const moved: Finding = { ...bad, source: { type: "file", file: "a,b:c.yaml", line: 3, column: 12 } };
  const inputs = [{ file: "a,b:c.yaml", text: `# new\n${text}`, isNamed: true }];
  const fingerprintOf = (log: string) => JSON.parse(log).runs[0].results[0].partialFingerprints.primaryLocationLineHash;
  assert.equal(
    fingerprintOf(write("sarif", { inputs }, { ...report, findings: [moved] })),
    fingerprintOf(write("sarif")),
  );
});
