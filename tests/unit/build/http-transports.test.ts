// serversTransports: broken ones close their services and are told of, good ones keep their pools over builds.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoadBalancer, ServersTransport } from "../../../src/config/dynamic.ts";
import { router, Workshop } from "./fakes.ts";

const transport: ServersTransport = {
  insecureSkipVerify: false,
  rootCAs: [],
  maxIdleConnsPerHost: 2,
  disableHTTP2: true,
  forwardingTimeouts: { dialTimeoutMs: 1000, responseHeaderTimeoutMs: 0, idleConnTimeoutMs: 0 },
};

function served(more: Partial<ServersTransport>, reference = "t") {
  const app: LoadBalancer = {
    kind: "loadBalancer",
    servers: [{ url: "http://10.0.0.1:80", weight: 1, preservePath: false }],
    strategy: "wrr",
    passHostHeader: true,
    serversTransport: reference,
  };
  return {
    routers: { r: router("a.test", "app") },
    services: { app },
    serversTransports: { t: { ...transport, ...more } },
  };
}

const broken: readonly [name: string, more: Partial<ServersTransport>, reference: string, codes: string[]][] = [
  ["whose authorities nobody could read", { rootCAs: [{ file: "/ca.pem" }] }, "t", [
    "broken-transport",
    "unusable-transport",
  ]],
  ["whose provider found it broken", { defects: ["no Secret"] }, "t", ["broken-transport"]],
  ["that does not exist", {}, "other", ["missing-service", "missing-service"]],
];

for (const [name, more, reference, codes] of broken) {
  test(`buildRoutingTable() closes services with a transport ${name}`, () => {
    const shop = new Workshop();
    const { problems, status } = shop.build(served(more, reference));
    assert.deepEqual(problems.map(({ code }) => code).filter((code) => /transport|service/.test(code)), codes);
    assert.equal(status.services[0]?.state, "disabled");
    assert.equal(status.routers[0]?.state, "disabled");
    assert.deepEqual(shop.fake.dialled, []);
  });
}

test("buildRoutingTable() tells of a broken transport that nobody uses, at each build", () => {
  const shop = new Workshop();
  const parts = served({ spiffe: {} }, "default@internal");
  for (let count = 0; count < 2; count++) {
    const { problems, status } = shop.build(parts);
    assert.deepEqual(problems.map(({ code }) => code), ["unusable-transport"]);
    assert.equal(status.services[0]?.state, "enabled");
  }
});

test("buildRoutingTable() warns where the runtime can't do what a transport asks for", () => {
  const shop = new Workshop();
  shop.fake.gaps = [{ feature: "tls-ciphers", reason: "" }];
  const { problems, status } = shop.build(served({ cipherSuites: ["TLS_RSA_WITH_AES_128_CBC_SHA"] }));
  assert.deepEqual(problems.map(({ severity, code }) => `${severity} ${code}`), ["warning transport-limits"]);
  assert.equal(status.services[0]?.state, "enabled");
});
