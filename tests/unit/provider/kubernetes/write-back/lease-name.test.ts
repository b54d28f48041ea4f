// Names of leases.

import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultLeaseName } from "../../../../../src/provider/kubernetes/write-back/lease-name.ts";

test("defaultLeaseName() is shared only by controllers that select the same objects", () => {
  assert.equal(defaultLeaseName({}), "weir");
  assert.equal(defaultLeaseName({ ingressClass: "traefik-in" }), "weir-traefik-in");
  const names = [
    { ingressClass: "Not A Label" },
    { labelSelector: "a=b" },
    { labelSelector: "a=c" },
    { ingressClass: "a", labelSelector: "a=b" },
    { namespaces: ["a", "b"] },
  ].map(defaultLeaseName);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^weir-[0-9a-f]{10}$/);
  assert.equal(defaultLeaseName({ namespaces: ["b", "a", "b"] }), names.at(-1));
});
