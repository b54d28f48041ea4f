// Unit tests of reading built-in objects as Go does: types, unknown fields, nulls, what is left out when empty.

import assert from "node:assert/strict";
import { test } from "node:test";
import { builtInSchema } from "../../../../src/dev/built-in/built-in-schemas.ts";
import { decodeObject } from "../../../../src/dev/built-in/decode.ts";
import type { JsonObject } from "../../../../src/dev/json.ts";

const QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const cpu = (value: unknown) => ({ spec: { containers: [{ name: "c", resources: { limits: { cpu: value } } }] } });

const refusals: readonly (readonly [kind: string, content: JsonObject, why: string])[] = [
  [
    "v1/Service",
    { spec: { ports: [{ port: "80" }] } },
    "json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32",
  ],
  [
    "v1/Service",
    { spec: { ports: [{ port: 80.5 }] } },
    "json: cannot unmarshal number 80.5 into Go struct field ServicePort.spec.ports.port of type int32",
  ],
  [
    "v1/Service",
    { spec: { ports: [{ port: 2 ** 31 }] } },
    "json: cannot unmarshal number 2147483648 into Go struct field ServicePort.spec.ports.port of type int32",
  ],
  [
    "v1/Service",
    { spec: { ports: { port: 80 } } },
    "json: cannot unmarshal object into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort",
  ],
  [
    "v1/Service",
    { spec: "x" },
    "json: cannot unmarshal string into Go struct field Service.spec of type v1.ServiceSpec",
  ],
  [
    "v1/Service",
    { spec: { ports: [{ protocol: 6 }] } },
    "json: cannot unmarshal number into Go struct field ServicePort.spec.ports.protocol of type v1.Protocol",
  ],
  [
    "v1/Service",
    { spec: { ports: [{ targetPort: true }] } },
    "json: cannot unmarshal bool into Go value of type int32",
  ],
  [
    "v1/Service",
    { metadata: { labels: { n: 1, t: true } } },
    "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
  ],
  [
    "v1/Service",
    { metadata: { creationTimestamp: "now" } },
    'parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"',
  ],
  [
    "v1/ConfigMap",
    { data: { a: { b: 1 } } },
    "json: cannot unmarshal object into Go struct field ConfigMap.data of type string",
  ],
  ["v1/Secret", { data: { a: 5 } }, "json: cannot unmarshal number into Go struct field Secret.data of type []uint8"],
  ["v1/Secret", { data: { a: "***" } }, "illegal base64 data at input byte 0"],
  ["v1/Secret", { data: { a: "aGVsbG8" } }, "illegal base64 data at input byte 4"],
  ["v1/Pod", cpu("lots"), QUANTITY],
  [
    "networking.k8s.io/v1/Ingress",
    { spec: { defaultBackend: { service: { port: { number: "80" } } } } },
    "json: cannot unmarshal string into Go struct field " +
    "ServiceBackendPort.spec.defaultBackend.service.port.number of type int32",
  ],
];

for (const [name, content, why] of refusals) {
  test(`decodeObject() refuses ${name} ${JSON.stringify(content)}`, () => {
    const read = decode(name, content);
    assert.equal(read.ok ? "read" : read.why, why);
  });
}

const readings: readonly (readonly [title: string, kind: string, content: JsonObject, object: JsonObject])[] = [
  [
    "leaves empty values out, and writes structs",
    "v1/Service",
    { spec: { selector: {}, externalName: "", publishNotReadyAddresses: false, ports: [] } },
    { spec: {}, status: { loadBalancer: {} } },
  ],
  [
    "keeps empty values that Go holds by pointer",
    "v1/Pod",
    { spec: { enableServiceLinks: false, priority: 0, hostNetwork: false, containers: [] } },
    { spec: { enableServiceLinks: false, priority: 0, containers: null }, status: {} },
  ],
  [
    "reads nulls as absent, and as zero in lists and maps",
    "v1/Endpoints",
    { metadata: { labels: { a: null }, name: null }, subsets: [null] },
    { metadata: { creationTimestamp: null, labels: { a: "" } }, subsets: [{}] },
  ],
  [
    "writes required fields that nobody set",
    "v1/Pod",
    { spec: { containers: [{}] } },
    { spec: { containers: [{ name: "", resources: {} }] }, status: {} },
  ],
  [
    "writes quantities in one way",
    "v1/Pod",
    { spec: { containers: [{ name: "c", resources: { requests: { cpu: "0.5", memory: "1024Mi" } } }] } },
    {
      spec: { containers: [{ name: "c", resources: { requests: { cpu: "500m", memory: "1Gi" } } }] },
      status: {},
    },
  ],
  [
    "keeps base64 without its line breaks",
    "v1/Secret",
    { data: { a: "aGVs\nbG8=\n", b: null } },
    { data: { a: "aGVsbG8=", b: "" } },
  ],
  [
    "writes null for lists that are always written",
    "discovery.k8s.io/v1/EndpointSlice",
    { addressType: "IPv4", endpoints: [] },
    { addressType: "IPv4", endpoints: null, ports: null },
  ],
];

for (const [title, name, content, object] of readings) {
  test(`decodeObject() ${title}`, () => {
    const read = decode(name, content);
    assert.equal(read.ok, true);
    const { metadata, ...rest } = read.ok ? read.object : {};
    assert.deepEqual({ ...("metadata" in object ? { metadata } : {}), ...rest }, object);
  });
}

test("decodeObject() drops unknown fields, and names them in their order, by their case", () => {
  const read = decode("v1/Service", {
    metadata: { nope: 1 },
    spec: { ports: [{ port: 80 }, { port: 81, extra: true }], bogus: 1 },
    Spec: {},
  });
  assert.deepEqual(read.ok ? read.unknown : [], ["metadata.nope", "spec.ports[1].extra", "spec.bogus", "Spec"]);
  assert.equal(JSON.stringify(read).includes('extra":'), false);
});

function decode(name: string, content: JsonObject) {
  const slash = name.lastIndexOf("/");
  return decodeObject(builtInSchema(name.slice(0, slash), name.slice(slash + 1)), content);
}
