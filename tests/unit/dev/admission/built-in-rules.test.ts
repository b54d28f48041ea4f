// Unit tests of what built-in objects are refused for, and of what they are given, in the words of a real server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdmission } from "../../../../src/dev/admission/admission.ts";
import { createClusterAdmission } from "../../../../src/dev/built-in/cluster-admission.ts";
import { isObject, type JsonObject, valueAt } from "../../../../src/dev/json.ts";
import { KindRegistry } from "../../../../src/dev/kube/kind-registry.ts";
import { ObjectStore } from "../../../../src/dev/kube/object-store.ts";
import { StatusError } from "../../../../src/dev/kube/status.ts";

const kinds = new KindRegistry();

function admission() {
  const store = new ObjectStore();
  const admit = createAdmission(undefined, createClusterAdmission({ store, kinds }));
  return {
    store,
    write(name: string, content: JsonObject, previous?: JsonObject): JsonObject {
      const kind = kinds.builtIn(name);
      const metadata = { name: "b", ...(isObject(content["metadata"]) ? content["metadata"] : {}) };
      const draft = { kind, content: { ...content, metadata }, namespace: kind.namespaced ? "default" : "" };
      return admit({ ...draft, name: undefined, previous, fieldValidation: "Warn" }).object;
    },
  };
}

const template = (labels: JsonObject, spec: JsonObject = { containers: [{ name: "c", image: "i" }] }) => ({
  metadata: { labels },
  spec,
});
const selector = { matchLabels: { app: "a" } };
const container = (more: JsonObject) => ({ spec: { containers: [{ name: "c", image: "i", ...more }] } });
const backend = { service: { name: "s", port: { number: 80 } } };
const path = (more: JsonObject) => ({
  spec: { rules: [{ http: { paths: [{ pathType: "Prefix", backend, ...more }] } }] },
});
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and " +
  "must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LOOPBACK = "may not be in the loopback range (127.0.0.0/8, ::1/128)";

const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
const disk = { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, hostPath: { path: "/" } };

const refusals: readonly (readonly [kind: string, content: JsonObject, why: string])[] = [
  [
    "PersistentVolumeClaim",
    { spec: {} },
    'PersistentVolumeClaim "b" is invalid: [spec.accessModes: Required value: at least 1 access mode is required, ' +
    "spec.resources[storage]: Required value]",
  ],
  [
    "PersistentVolumeClaim",
    { spec: { ...claim, accessModes: ["Sometimes"] } },
    'PersistentVolumeClaim "b" is invalid: spec.accessModes: Unsupported value: "Sometimes": supported values: ' +
    '"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
  ],
  [
    "PersistentVolume",
    { spec: {} },
    'PersistentVolume "b" is invalid: [spec.accessModes: Required value, spec.capacity: Required value, ' +
    "spec: Required value: must specify a volume type]",
  ],
  [
    "PersistentVolume",
    { spec: { ...disk, nfs: { server: "s", path: "/" } } },
    'PersistentVolume "b" is invalid: spec.nfs: Forbidden: may not specify more than 1 volume type',
  ],
  [
    "ReplicationController",
    { spec: {} },
    'ReplicationController "b" is invalid: [spec.selector: Required value, spec.template: Required value]',
  ],
  [
    "ReplicationController",
    { spec: { selector: { app: "a" }, template: template({ app: "c" }) } },
    'ReplicationController "b" is invalid: spec.template.metadata.labels: Invalid value: ' +
    'map[string]string{"app":"c"}: `selector` does not match template `labels`',
  ],
  ["Service", { spec: {} }, 'Service "b" is invalid: spec.ports: Required value'],
  [
    "Service",
    { spec: { ports: [{ port: 0 }] } },
    'Service "b" is invalid: [spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive, ' +
    "spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive]",
  ],
  [
    "Service",
    { spec: { ports: [{ name: "a", port: 80 }, { name: "b", port: 80 }] } },
    'Service "b" is invalid: spec.ports[1]: Duplicate value: core.ServicePort{Name:"", Protocol:"TCP", ' +
    'AppProtocol:(*string)(nil), Port:80, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}',
  ],
  [
    "Service",
    { spec: { type: "Foo", ports: [{ port: 80 }] } },
    'Service "b" is invalid: spec.type: Unsupported value: "Foo": supported values: "ClusterIP", "ExternalName", ' +
    '"LoadBalancer", "NodePort"',
  ],
  [
    "Service",
    { spec: { ports: [{ port: 80, nodePort: 30090 }] } },
    "Service \"b\" is invalid: spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
  ],
  ["Service", { spec: { type: "ExternalName" } }, 'Service "b" is invalid: spec.externalName: Required value'],
  [
    "Service",
    { metadata: { annotations: { "bad key!": "v" } }, spec: { ports: [{ port: 80 }] } },
    'Service "b" is invalid: metadata.annotations: Invalid value: "bad key!": name part must consist of alphanumeric ' +
    "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or " +
    "'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
  ],
  ["Pod", { spec: {} }, 'Pod "b" is invalid: spec.containers: Required value'],
  [
    "Pod",
    container({ volumeMounts: [{ name: "v", mountPath: "/x" }] }),
    'Pod "b" is invalid: spec.containers[0].volumeMounts[0].name: Not found: "v"',
  ],
  [
    "Pod",
    container({ resources: { limits: { cpu: "1" }, requests: { cpu: "2" } } }),
    'Pod "b" is invalid: spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit',
  ],
  [
    "Pod",
    { spec: { serviceAccountName: "nope", containers: [{ name: "c", image: "i" }] } },
    'pods "b" is forbidden: error looking up service account default/nope: serviceaccount "nope" not found',
  ],
  [
    "Deployment",
    { spec: { selector, template: template({ app: "b" }) } },
    'Deployment.apps "b" is invalid: spec.template.metadata.labels: Invalid value: map[string]string{"app":"b"}: ' +
    "`selector` does not match template `labels`",
  ],
  [
    "Deployment",
    {},
    'Deployment.apps "b" is invalid: [spec.selector: Required value, spec.template.metadata.labels: Invalid value: ' +
    "map[string]string(nil): `selector` does not match template `labels`, spec.template.spec.containers: Required value]",
  ],
  [
    "Ingress",
    { spec: {} },
    'Ingress.extensions "b" is invalid: spec: Invalid value: []networking.IngressRule(nil): either `defaultBackend` ' +
    "or `rules` must be specified",
  ],
  [
    "Ingress",
    path({ path: "foo" }),
    'Ingress.extensions "b" is invalid: spec.rules[0].http.paths[0].path: Invalid value: "foo": must be an absolute path',
  ],
  [
    "Ingress",
    { spec: { rules: [{ host: "A.example" }] } },
    `Ingress.extensions "b" is invalid: spec.rules[0].host: Invalid value: "A.example": ${SUBDOMAIN}`,
  ],
  [
    "IngressClass",
    { spec: { controller: "nodomain" } },
    'IngressClass.networking.k8s.io "b" is invalid: spec.controller: Invalid value: "nodomain": must be a ' +
    'domain-prefixed path (such as "acme.io/foo")',
  ],
  [
    "EndpointSlice",
    { addressType: "IPv4", endpoints: [{ addresses: ["127.0.0.1"] }] },
    `EndpointSlice.discovery.k8s.io "b" is invalid: endpoints[0].addresses[0]: Invalid value: "127.0.0.1": ${LOOPBACK}`,
  ],
  [
    "Endpoints",
    { subsets: [{ ports: [{ port: 80 }] }] },
    'Endpoints "b" is invalid: subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`',
  ],
  [
    "ConfigMap",
    { data: { a: "x" }, binaryData: { a: "AAEC" } },
    'ConfigMap "b" is invalid: data[a]: Invalid value: "a": duplicate of key present in binaryData',
  ],
  [
    "ConfigMap",
    { data: { a: "x".repeat(1024 * 1024 + 1) } },
    'ConfigMap "b" is invalid: []: Too long: must have at most 1048576 bytes',
  ],
  [
    "Secret",
    { type: "kubernetes.io/tls" },
    'Secret "b" is invalid: [data[tls.crt]: Required value, data[tls.key]: Required value]',
  ],
  [
    "Secret",
    { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": "bm9qc29u" } },
    'Secret "b" is invalid: data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character ' +
    "'o' in literal null (expecting 'u')",
  ],
  [
    "Lease",
    { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } },
    'Lease.coordination.k8s.io "b" is invalid: [spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0, ' +
    "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0]",
  ],
  [
    "Node",
    { spec: { podCIDR: "x" } },
    'Node "b" is invalid: spec.podCIDRs[0]: Invalid value: []string{"x"}: must be valid CIDR',
  ],
  [
    "RoleBinding",
    { roleRef: { kind: "Nope", name: "r" } },
    'RoleBinding.rbac.authorization.k8s.io "b" is invalid: roleRef.kind: Unsupported value: "Nope": supported values: ' +
    '"ClusterRole", "Role"',
  ],
];

for (const [kind, content, why] of refusals) {
  test(`a ${kind} is refused: ${why.slice(0, 110)}`, () => {
    const { store, write } = admission();
    store.put(kinds.builtIn("ServiceAccount"), { metadata: { name: "default", namespace: "default" } });
    assert.throws(() => write(kind, content), (thrown) => thrown instanceof StatusError && thrown.message === why);
  });
}

const changes: readonly (readonly [kind: string, before: JsonObject, after: JsonObject, field: string])[] = [
  ["Secret", { type: "Opaque" }, { type: "a.example/b" }, "type"],
  ["ConfigMap", { immutable: true, data: { a: "1" } }, { immutable: true, data: { a: "2" } }, "data"],
  ["IngressClass", { spec: { controller: "a.b/c" } }, { spec: { controller: "a.b/d" } }, "spec.controller"],
  [
    "EndpointSlice",
    { addressType: "IPv4", endpoints: [] },
    { addressType: "IPv6", endpoints: [] },
    "addressType",
  ],
  [
    "Deployment",
    { spec: { selector, template: template({ app: "a", b: "c" }) } },
    { spec: { selector: { matchLabels: { b: "c" } }, template: template({ app: "a", b: "c" }) } },
    "spec.selector",
  ],
  [
    "Service",
    { spec: { clusterIP: "10.96.1.1", ports: [{ port: 80 }] } },
    { spec: { clusterIP: "10.96.1.2", clusterIPs: ["10.96.1.2"], ports: [{ port: 80 }] } },
    "spec.clusterIPs[0]",
  ],
];

for (const [kind, before, after, field] of changes) {
  test(`${field} of a ${kind} can't be changed`, () => {
    const { write } = admission();
    const previous = write(kind, before);
    assert.throws(() => write(kind, after, previous), (thrown) => {
      assert.ok(thrown instanceof StatusError);
      return thrown.details?.causes?.some((cause) => cause.field === field) === true;
    });
  });
}

const additions:
  readonly (readonly [kind: string, content: JsonObject, at: readonly (string | number)[], wanted: unknown])[] = [
    ["Service", { spec: { ports: [{ port: 80 }] } }, ["spec", "ports", 0], {
      port: 80,
      protocol: "TCP",
      targetPort: 80,
    }],
    [
      "Service",
      { spec: { sessionAffinity: "ClientIP", ports: [{ port: 80 }] } },
      ["spec", "sessionAffinityConfig"],
      { clientIP: { timeoutSeconds: 10800 } },
    ],
    ["Service", { spec: { ports: [{ port: 80 }] }, status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } } }, [
      "status",
    ], { loadBalancer: {} }],
    ["Secret", { stringData: { a: "hello" }, data: { b: "" } }, ["data"], { b: "", a: "aGVsbG8=" }],
    ["Namespace", {}, ["metadata", "labels"], { "kubernetes.io/metadata.name": "b" }],
    ["Namespace", {}, ["spec"], { finalizers: ["kubernetes"] }],
    ["Node", { spec: { podCIDR: "10.42.0.0/24" } }, ["spec", "podCIDRs"], ["10.42.0.0/24"]],
    ["Node", {}, ["spec", "taints"], [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }]],
    ["ReplicaSet", { spec: { selector, template: template({ app: "a" }) } }, ["status"], { replicas: 0 }],
    ["ReplicationController", { spec: { template: template({ app: "a" }) } }, ["spec", "selector"], { app: "a" }],
    ["ReplicationController", { spec: { template: template({ app: "a" }) } }, ["metadata", "labels"], { app: "a" }],
    ["PersistentVolumeClaim", { spec: claim }, ["status"], { phase: "Pending" }],
    ["PersistentVolumeClaim", { spec: claim }, ["spec", "volumeMode"], "Filesystem"],
    ["PersistentVolume", { spec: disk }, ["spec"], {
      capacity: { storage: "1Gi" },
      hostPath: { path: "/", type: "" },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      volumeMode: "Filesystem",
    }],
    ["Deployment", { spec: { selector, template: template({ app: "a" }) } }, ["spec", "strategy"], {
      type: "RollingUpdate",
      rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" },
    }],
    ["Pod", container({ resources: { limits: { cpu: "1", memory: "1Gi" } } }), ["status"], {
      phase: "Pending",
      qosClass: "Guaranteed",
    }],
    ["Pod", container({ readinessProbe: { httpGet: { port: 80 } } }), ["spec", "containers", 0, "readinessProbe"], {
      httpGet: { path: "/", port: 80, scheme: "HTTP" },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    }],
    ["Pod", container({}), ["spec", "serviceAccountName"], "default"],
    ["Pod", container({}), ["spec", "tolerations", 0], {
      key: "node.kubernetes.io/not-ready",
      operator: "Exists",
      effect: "NoExecute",
      tolerationSeconds: 300,
    }],
    ["IngressClass", { spec: { controller: "a.b/c", parameters: { kind: "K", name: "n" } } }, ["spec", "parameters"], {
      scope: "Cluster",
      kind: "K",
      name: "n",
    }],
    [
      "RoleBinding",
      { roleRef: { kind: "Role", name: "r" }, subjects: [{ kind: "User", name: "u" }] },
      ["subjects", 0],
      {
        kind: "User",
        name: "u",
        apiGroup: "rbac.authorization.k8s.io",
      },
    ],
  ];

for (const [kind, content, at, wanted] of additions) {
  test(`a ${kind} is given ${at.join(".")} for ${JSON.stringify(content).slice(0, 80)}`, () => {
    const { store, write } = admission();
    store.put(kinds.builtIn("ServiceAccount"), { metadata: { name: "default", namespace: "default" } });
    assert.deepEqual(valueAt(write(kind, content), ...at), wanted);
  });
}

test("a Service keeps its addresses when a client leaves them out, and loses them as ExternalName", () => {
  const { write } = admission();
  const first = write("Service", { spec: { type: "NodePort", ports: [{ port: 80 }] } });
  const again = write("Service", { spec: { type: "NodePort", ports: [{ port: 80 }] } }, first);
  assert.deepEqual(again["spec"], first["spec"]);
  const plain = write(
    "Service",
    { spec: { ...(isObject(first["spec"]) ? first["spec"] : {}), type: "ClusterIP" } },
    first,
  );
  assert.equal(valueAt(plain, "spec", "ports", 0, "nodePort"), undefined);
  const external = write("Service", { spec: { type: "ExternalName", externalName: "a.example" } }, first);
  assert.deepEqual(external["spec"], { type: "ExternalName", externalName: "a.example", sessionAffinity: "None" });
});

test("a new Ingress is given the default class, unless it names one", () => {
  const { store, write } = admission();
  const annotations = { "ingressclass.kubernetes.io/is-default-class": "true" };
  store.put(kinds.builtIn("IngressClass"), {
    metadata: { name: "traefik", annotations },
    spec: { controller: "a.b/c" },
  });
  const given = write("Ingress", { spec: { rules: [{ host: "a.example" }] } });
  assert.equal(valueAt(given, "spec", "ingressClassName"), "traefik");
  const named = { metadata: { annotations: { "kubernetes.io/ingress.class": "x" } }, spec: { rules: [{ host: "a" }] } };
  assert.equal(valueAt(write("Ingress", named), "spec", "ingressClassName"), undefined);
  const updated = write("Ingress", { spec: { rules: [{ host: "a.example" }] } }, given);
  assert.equal(valueAt(updated, "spec", "ingressClassName"), undefined);
});
