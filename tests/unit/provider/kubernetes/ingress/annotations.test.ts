// Names of annotations: which spelling wins, what is told of each, and whose are left alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  readIngressAnnotations,
  readServiceAnnotations,
} from "../../../../../src/provider/kubernetes/ingress/vocabulary.ts";
import { toKubeObject } from "../../../../../src/provider/kubernetes/store/object.ts";

const T = "traefik.ingress.kubernetes.io";

function object(kind: "Ingress" | "Service", annotations: Readonly<Record<string, string>>) {
  const apiVersion = kind === "Ingress" ? "networking.k8s.io/v1" : "v1";
  const found = toKubeObject({ metadata: { name: "a", namespace: "n", annotations } }, { apiVersion, kind });
  assert.ok(found !== undefined);
  return found;
}

const spellings: readonly (readonly [annotations: Readonly<Record<string, string>>, ruleType: string])[] = [
  [{ [`${T}/rule-type`]: "Path" }, "Path"],
  [{ [`${T}/rule-type`]: "Path", "ingress.kubernetes.io/rule-type": "PathStrip" }, "PathStrip"],
  [{ "ingress.kubernetes.io/rule-type": "PathStrip", [`${T}/rule-type`]: "Path" }, "PathStrip"],
  [{ "traefik.frontend.rule.type": "PathPrefixStrip" }, "PathPrefixStrip"],
  [{ "traefik.frontend.rule.type": "PathPrefixStrip", [`${T}/rule-type`]: "Path" }, "Path"],
];

for (const [annotations, ruleType] of spellings) {
  test(`readIngressAnnotations() takes ${ruleType} of ${Object.keys(annotations).join(" and ")}`, () => {
    const { value, problems } = readIngressAnnotations(object("Ingress", annotations));
    assert.equal(value?.legacy["rule-type"], ruleType);
    assert.deepEqual(problems.map(({ code }) => code), ["legacy-annotation"], "told of once");
    assert.match(problems[0]?.hint ?? "", /pathType/);
  });
}

test("readIngressAnnotations() reads today's names in any case", () => {
  const { value, problems, names } = readIngressAnnotations(object("Ingress", {
    [`${T}/router.ENTRYPOINTS`]: "web, websecure",
    [`${T}/Router.TLS.certResolver`]: "le",
    [`${T}/router.tls.domains[1].main`]: "b.example",
    [`${T}/router.tls.domains.0.main`]: "a.example",
  }));
  assert.deepEqual(problems, []);
  assert.deepEqual(value?.modern.entryPoints, ["web", "websecure"]);
  assert.equal(value?.modern.tls?.certResolver, "le");
  assert.deepEqual(value?.modern.tls?.domains?.map(({ main }) => main), ["a.example", "b.example"]);
  assert.equal(names.get("router.tls.certResolver"), `${T}/Router.TLS.certResolver`);
});

const warnings: readonly (readonly [kind: "Ingress" | "Service", name: string, code: string, hint: RegExp])[] = [
  ["Ingress", `${T}/router.middleware`, "unknown-annotation", /router\.middlewares"\?$/],
  ["Ingress", `${T}/router.tls.option`, "unknown-annotation", /router\.tls\.options"\?$/],
  ["Ingress", `${T}/rewrite-tagret`, "unknown-annotation", /\/rewrite-target"\?$/],
  ["Ingress", `${T}/service.sticky.cookie`, "misplaced-annotation", /belongs to the Service/],
  ["Ingress", `${T}/affinity`, "misplaced-annotation", /belongs to the Service/],
  ["Ingress", "traefik.backend.loadbalancer.sticky", "misplaced-annotation", /belongs to the Service/],
  ["Service", `${T}/router.tls`, "misplaced-annotation", /belongs to the Ingress/],
  ["Service", `${T}/rate-limit`, "misplaced-annotation", /belongs to the Ingress/],
];

for (const [kind, name, code, hint] of warnings) {
  test(`annotations of a ${kind}: ${name} is told of, and harmless`, () => {
    const read = kind === "Ingress" ? readIngressAnnotations : readServiceAnnotations;
    const { value, problems } = read(object(kind, { [name]: "true" }));
    assert.ok(value !== undefined);
    assert.deepEqual(problems.map((problem) => [problem.severity, problem.code]), [["warning", code]]);
    assert.match(problems[0]?.hint ?? "", hint);
    assert.deepEqual(problems[0]?.path, ["metadata", "annotations", name]);
  });
}

test("readIngressAnnotations() leaves annotations of others alone", () => {
  const { value, problems } = readIngressAnnotations(object("Ingress", {
    "nginx.ingress.kubernetes.io/rewrite-target": "/",
    "ingress.kubernetes.io/something-of-haproxy": "1",
    "kubernetes.io/ingress.class": "traefik",
    "cert-manager.io/issuer": "le",
  }));
  assert.deepEqual([problems, value?.legacy], [[], {}]);
});

test("readIngressAnnotations() does not choke on long values", () => {
  const long = " ".repeat(200_000);
  const started = performance.now();
  readIngressAnnotations(object("Ingress", {
    "ingress.kubernetes.io/request-modifier": `AddPrefix: /x${long}y`,
    "ingress.kubernetes.io/custom-request-headers": `${long}A:1${long}`,
    "ingress.kubernetes.io/service-weights": `a: "1${long}x"`,
    "ingress.kubernetes.io/rewrite-target": "/".repeat(200_000),
  }));
  assert.ok(performance.now() - started < 2_000);
});
