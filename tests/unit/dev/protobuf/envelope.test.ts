// Unit tests of the protobuf that `kubectl create` sends: bytes as kubectl 1.32 wrote them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeKubeProtobuf } from "../../../../src/dev/protobuf/envelope.ts";

const bytes = (base64: string) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

const rows: [kind: string, base64: string, wanted: object][] = [
  [
    "ConfigMap",
    "azhzAAoPCgJ2MRIJQ29uZmlnTWFwEhsKEQoBYxIAGgAiACoAMgA4AEIAEgYKAWESAWIaACIA",
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { a: "b" } },
  ],
  [
    "Secret",
    "azhzAAoMCgJ2MRIGU2VjcmV0Eh0KEQoBcxIAGgAiACoAMgA4AEIAEgYKAWsSAXYaABoAIgA=",
    { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { k: "dg==" } },
  ],
  [
    "Deployment",
    "azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50ErABChsKAWQSABoAIgAqADIAOABCAFoICgNhcHASAWQSggEIAhIKCggKA2FwcBIBZBpqChoKABIAGgAiACoAMgA4" +
    "AEIAWggKA2FwcBIBZBJMEi4KBW5naW54EgVuZ2lueCoAMgoKABAAGFAiACoAQgBqAHIAgAEAiAEAkAEAogEAGgAyAEIASgBSAFgAYABoAIIBAIoBAJoBAMIBACIC" +
    "CgAoADgAGgwIABAAGAAgACgAOAAaACIA",
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d", labels: { app: "d" } },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: "d" } },
        template: {
          metadata: { labels: { app: "d" } },
          spec: { containers: [{ name: "nginx", image: "nginx", ports: [{ containerPort: 80 }] }] },
        },
      },
    },
  ],
  [
    "Service",
    "azhzAAoNCgJ2MRIHU2VydmljZRJjChsKAXgSABoAIgAqADIAOABCAFoICgNhcHASAXgSQAocCgY4MC13ZWISA1RDUBhQIgkIARAAGgN3ZWIoABIICgNhcHASAXga" +
    "ACIITm9kZVBvcnQ6AEIAUgBaAGAAaAAaAgoAGgAiAA==",
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "x", labels: { app: "x" } },
      spec: {
        ports: [{ name: "80-web", protocol: "TCP", port: 80, targetPort: "web" }],
        selector: { app: "x" },
        type: "NodePort",
      },
    },
  ],
  [
    "Ingress",
    "azhzAAofChRuZXR3b3JraW5nLms4cy5pby92MRIHSW5ncmVzcxJZChEKAWkSABoAIgAqADIAOABCABJAEhAKCWEuZXhhbXBsZRIDc2VjGiwKCWEuZXhhbXBsZRIf" +
    "Ch0KGwoCL3gSDSILCgNzdmMSBAoAEFAaBlByZWZpeBoCCgAaACIA",
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name: "i" },
      spec: {
        tls: [{ hosts: ["a.example"], secretName: "sec" }],
        rules: [{
          host: "a.example",
          http: {
            paths: [{ path: "/x", pathType: "Prefix", backend: { service: { name: "svc", port: { number: 80 } } } }],
          },
        }],
      },
    },
  ],
  [
    "SelfSubjectAccessReview",
    "azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSQQoQCgASABoAIgAqADIAOABCABIjCiEKB2RlZmF1bHQSBGxp" +
    "c3QaACIAKghzZXJ2aWNlczIAOgAaCAgAEgAaACAAGgAiAA==",
    {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      metadata: {},
      spec: { resourceAttributes: { namespace: "default", verb: "list", resource: "services" } },
    },
  ],
  [
    "Role",
    "azhzAAokChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEgRSb2xlEiIKEQoBchIAGgAiACoAMgA4AEIAEg0KA2dldBIAGgRwb2RzGgAiAA==",
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: "r" },
      rules: [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }],
    },
  ],
  [
    "RoleBinding",
    "azhzAAorChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEgtSb2xlQmluZGluZxJZChEKAWISABoAIgAqADIAOABCABIeCg5TZXJ2aWNlQWNjb3VudBIAGgF4" +
    "IgdkZWZhdWx0GiQKGXJiYWMuYXV0aG9yaXphdGlvbi5rOHMuaW8SBFJvbGUaAXIaACIA",
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "b" },
      subjects: [{ kind: "ServiceAccount", name: "x", namespace: "default" }],
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
    },
  ],
  [
    "TokenRequest",
    "azhzAAooChhhdXRoZW50aWNhdGlvbi5rOHMuaW8vdjESDFRva2VuUmVxdWVzdBIdChAKABIAGgAiACoAMgA4AEIAEgMgkBwaBAoAEgAaACIA",
    {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      metadata: {},
      spec: { expirationSeconds: 3600 },
    },
  ],
];

test("decodeKubeProtobuf() reads what kubectl create sends", () => {
  for (const [kind, base64, object] of rows) {
    assert.deepEqual(decodeKubeProtobuf(bytes(base64), kind), { ok: true, object }, kind);
  }
});

test("decodeKubeProtobuf() refuses other kinds, broken bytes and what is no protobuf", () => {
  const whole = bytes(rows[0]?.[1] ?? "");
  assert.equal(decodeKubeProtobuf(whole, "Secret").ok, false);
  assert.equal(decodeKubeProtobuf(new TextEncoder().encode("{}"), "ConfigMap").ok, false);
  for (let length = 4; length < whole.length - 4; length++) decodeKubeProtobuf(whole.subarray(0, length), "ConfigMap");
});
